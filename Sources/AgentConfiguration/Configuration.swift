import Glibc
package import KernelDatapath
public import PolicyCompiler
public import PolicyModel
public import VerdictTables

/// Everything that can be set about the agent. The defaults enforce.
public struct Configuration: Hashable, Sendable {
    public enum Enforcement: String, Hashable, Sendable, CaseIterable, Codable {
        case enforce
        /// What policy would deny passes and is reported; guards have their own switch.
        case audit
    }

    public enum UnenforceablePods: String, Hashable, Sendable, CaseIterable {
        /// They are told of.
        case note
        /// Besides, not all is well where there is one.
        case problem
    }

    public enum LogFormat: String, Hashable, Sendable, CaseIterable {
        case text, json
    }

    public var source = Source.manifests("/etc/sluice/manifests")
    public var kubernetes = KubernetesAccess()
    public var nodeName = Self.defaultNodeName
    /// Where cgroup v2 is mounted; nil finds it.
    public var cgroupRoot: String?
    /// The cgroup of all pods, below the root; nil finds kubepods.
    public var podsCgroup: String?
    public var bpffs = "/sys/fs/bpf/sluice"
    /// Another number than this build's only in tests of upgrades.
    package var layout = Pins.currentLayout
    /// Another environment than the process's, in tests alone.
    package var environment: [String: String]?
    public var stateDirectory = "/run/sluice"
    public var enforcement = Enforcement.enforce
    public var startupPosture = NodeSettings.Posture.guards
    /// Whether a denied connect or sendto fails at once with EPERM.
    public var failFast = true
    /// Destinations that connect and sendto never refuse: addresses that a service mesh gives out for names and
    /// redirects inside the pod. The default ones are Istio's (`ServiceEntry` without addresses).
    public var failFastExcept: [Prefix] = [
        Prefix(IPAddress(ipv4: 0xf0f0_0000), length: 96 + 16),
        Prefix(IPAddress(high: 0x2001_0002_0000_0000, low: 0), length: 48),
    ]
    /// For how long after a peer's last packet a pod may reply over UDP or SCTP.
    public var replySeconds: UInt32 = 60
    public var metadata = MetadataGuard()
    public var nodePorts = NodePortGuard()
    public var sockets = SocketSettings()
    public var sources = SourceSettings()
    /// Addresses of this node that its pods may always reach.
    public var allowedNodeAddresses: [IPAddress] = []
    /// Where `/healthz`, `/readyz` and `/metrics` are answered; nil: nowhere.
    public var healthAddress: ListenAddress? = .loopback
    /// Whether denials and broken policies become Kubernetes Events; only with
    /// the API as the source.
    public var events = true
    /// Whether the taint `sluice.dev/agent-not-ready` is taken from the node
    /// once the agent is ready; only with the API as the source.
    public var removeNotReadyTaint = false
    public var flows = Flows()
    /// Whose DNS answers count, and how long.
    public var names = Names()
    /// What is recorded of flows, to learn policies from.
    public var learning = Learning()
    public var auditLog = AuditLog()
    public var metrics = Metrics()
    public var logLevel = "info"
    public var logFormat = LogFormat.text
    public var detachOnExit = false
    /// What it means that a pod's packets meet no verdict.
    public var unenforceablePods = UnenforceablePods.note

    /// `guards.metadata`.
    public struct MetadataGuard: Hashable, Sendable {
        public var mode = Guard.Mode.enforce
        /// Names of rows of the table that are blocked by default and shall not be.
        public var allow: Set<String> = []
        /// Names of rows that are not blocked by default and shall be.
        public var block: Set<String> = []
        /// Rows of the user's own.
        public var add: [Guard] = []
        /// Pods that it does not apply to.
        public var exempt: [GuardExemption] = []
        public init() {}
    }

    /// `guards.nodePorts`.
    public struct NodePortGuard: Hashable, Sendable {
        public var mode = Guard.Mode.off
        /// TCP ports at the addresses of the cluster's nodes.
        public var ports: [ClosedRange<UInt16>] = NodePorts.ranges
        /// Pods that it does not apply to.
        public var exempt: [GuardExemption] = []
        public init() {}
    }

    /// `guards.sockets`.
    public struct SocketSettings: Hashable, Sendable {
        public var mode = Guard.Mode.enforce
        /// Pods that it does not apply to.
        public var exempt: [GuardExemption] = []
        public init() {}
    }

    /// `guards.sources`.
    public struct SourceSettings: Hashable, Sendable {
        public var mode = Guard.Mode.enforce
        /// Pods that it does not apply to.
        public var exempt: [GuardExemption] = []
        public init() {}
    }

    public init() {}

    package var pins: Pins { Pins(directory: bpffs, layout: layout) }

    /// NODE_NAME is what manifests fill from `spec.nodeName` (the downward API).
    private static var defaultNodeName: String {
        let given = getenv("NODE_NAME").map { String(cString: $0) } ?? ""
        return given.isEmpty ? hostName : given
    }

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension Configuration {
    /// The guards in force: the metadata guard's rows, and that of node ports.
    public var guards: [Guard] {
        (metadataGuards + [Guard.nodePorts(nodePorts.ports, mode: nodePorts.mode)]).filter { $0.mode != .off }
    }

    private var metadataGuards: [Guard] {
        let rows = MetadataEndpoint.table.filter { row in
            row.byDefault
                ? !metadata.allow.contains(row.guarded.name) : metadata.block.contains(row.guarded.name)
        }
        return (rows.map(\.guarded) + metadata.add).map { row in
            var row = row
            row.mode = metadata.mode
            return row
        }
    }

    public var compilerOptions: CompilerOptions {
        CompilerOptions(
            // In manifests nodeName may be left out; in a cluster a pod without
            // one runs nowhere yet.
            subjects: .node(nodeName, includingUnassigned: source != .kubernetes), guards: guards,
            exemptions: metadata.exempt + nodePorts.exempt + sockets.exempt + sources.exempt,
            allowedNodeAddresses: allowedNodeAddresses, failsFast: failFast)
    }

    /// - Parameter levels: the depths at which pods live.
    package func nodeSettings(levels: Set<UInt8>) -> NodeSettings {
        var flags: NodeSettings.Flags = []
        if enforcement == .audit { flags.insert(.audit) }
        if failFast { flags.insert(.failFast) }
        if sockets.mode == .audit { flags.insert(.auditSockets) }
        if sources.mode != .off { flags.insert(.sources) }
        if sources.mode == .audit { flags.insert(.auditSources) }
        var settings = NodeSettings(
            flags: flags, posture: startupPosture,
            replyWindow: UInt64(replySeconds) * 1_000_000_000, levels: levels)
        settings.reporting = flows.reporting
        settings.nameLifetime = names.lifetime
        return settings
    }
}
