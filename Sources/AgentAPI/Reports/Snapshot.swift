public import AgentConfiguration
public import KernelDatapath
public import PolicyModel
public import VerdictTables

/// What the agent tells the tool beside the maps: names for identifiers, and
/// how things stand. Written to a file, so that it is there when the agent is not.
public struct Snapshot: Codable, Hashable, Sendable {
    public struct Pod: Codable, Hashable, Sendable {
        public enum State: String, Codable, Hashable, Sendable, CaseIterable {
            case enforced
            /// Nothing shows that the programs judge what it sends.
            case unproven
            /// Its cgroup has not been found.
            case waiting
            /// It is known, and not let go until all is known that may narrow its policy.
            case held
            /// The kernel holds older rules than it should.
            case degraded
            /// The cluster has deleted it, but its cgroup is still there and
            /// stays under its policies.
            case deleted
            /// Its packets meet no verdict, whatever is in the kernel: see `unenforceable`.
            case unenforceable
        }

        /// `namespace/name`.
        public var pod: String
        public var uid: String
        public var state: State
        /// Below the cgroup root.
        public var cgroup: String?
        public var cgroupID: CgroupID?
        public var policySet: PolicySetID
        /// As reports name them, in the order in which they are asked.
        public var policies: [String]
        /// Whether a policy may deny it something.
        public var isolated: Bool
        /// What it is a replica of.
        public var workload: Workload?
        public var addresses: [String]
        public var hostNetwork: Bool
        public var audit: Bool
        /// The guards that do not apply, by the agent's configuration.
        public var exemptions: [Guard.Kind]
        /// Why its packets meet no verdict; nil if they do.
        public var unenforceable: String?

        package init(
            pod: String, uid: String, state: State, cgroup: String? = nil, cgroupID: CgroupID? = nil,
            policySet: PolicySetID, policies: [String], isolated: Bool, workload: Workload? = nil,
            addresses: [String], hostNetwork: Bool, audit: Bool, exemptions: [Guard.Kind],
            unenforceable: String? = nil
        ) {
            self.pod = pod
            self.uid = uid
            self.state = state
            self.cgroup = cgroup
            self.cgroupID = cgroupID
            self.policySet = policySet
            self.policies = policies
            self.isolated = isolated
            self.workload = workload
            self.addresses = addresses
            self.hostNetwork = hostNetwork
            self.audit = audit
            self.exemptions = exemptions
            self.unenforceable = unenforceable
        }
    }

    /// A cgroup that the programs shall be attached to.
    public struct Attachment: Codable, Hashable, Sendable {
        /// Below the root.
        public var cgroup: String
        /// When they were last seen to refuse what they must, in seconds since 1970; nil if they were not.
        public var provenAt: Int?
        /// Why not.
        public var obstacle: String?

        package init(cgroup: String, provenAt: Int?, obstacle: String) {
            self.cgroup = cgroup
            self.provenAt = provenAt
            self.obstacle = provenAt == nil ? obstacle : nil
        }
    }

    public struct Problem: Codable, Hashable, Sendable {
        public var severity: String
        public var message: String

        package init(
            severity: String, message: String
        ) {
            self.severity = severity
            self.message = message
        }
    }

    public var agent: Int32
    public var startedAt: Int
    public var writtenAt: Int
    /// How the agent before this one ended; nil where there is nothing to say.
    public var previousRun: String?
    public var node: String
    public var source: String
    /// Where cgroup v2 is mounted.
    public var cgroupRoot: String
    public var generation: UInt32
    public var enforcement: Configuration.Enforcement
    public var startupPosture: NodeSettings.Posture
    public var metadataGuard: Guard.Mode
    public var nodePortGuard: Guard.Mode
    /// Nil in what older agents wrote.
    public var socketGuard: PacketSocketReport?
    public var failFast: Bool
    /// The cgroups that the programs are attached to, below the root.
    public var attachedTo: [String]
    /// The same, with what shows that they are in force. Nil in what older agents wrote.
    public var attachments: [Attachment]?
    /// Programs of others that Sluice's meet there. Nil in what older agents wrote.
    public var otherPrograms: [OtherProgram]?
    public var pods: [Pod]
    public var names: IdentifierLegend
    /// How the source stands, as of the last change of any state.
    public var condition: SourceCondition
    /// What is wrong with the source's objects, and what else went wrong.
    public var problems: [Problem]
    /// Whether there are changes that the kernel has not taken yet.
    public var pending: Bool
    /// What is not known of pods' addresses, for people; nil if all is.
    public var unknownAddresses: String?

    package init(
        agent: Int32, startedAt: Int, writtenAt: Int, previousRun: String? = nil, node: String, source: String,
        cgroupRoot: String, generation: UInt32, enforcement: Configuration.Enforcement,
        startupPosture: NodeSettings.Posture, metadataGuard: Guard.Mode,
        nodePortGuard: Guard.Mode, socketGuard: PacketSocketReport? = nil, failFast: Bool,
        attachedTo: [String], attachments: [Attachment]? = nil, otherPrograms: [OtherProgram]? = nil, pods: [Pod],
        names: IdentifierLegend, condition: SourceCondition, problems: [Problem], pending: Bool,
        unknownAddresses: String? = nil
    ) {
        self.agent = agent
        self.startedAt = startedAt
        self.writtenAt = writtenAt
        self.previousRun = previousRun
        self.node = node
        self.source = source
        self.cgroupRoot = cgroupRoot
        self.generation = generation
        self.enforcement = enforcement
        self.startupPosture = startupPosture
        self.metadataGuard = metadataGuard
        self.nodePortGuard = nodePortGuard
        self.socketGuard = socketGuard
        self.failFast = failFast
        self.attachedTo = attachedTo
        self.attachments = attachments
        self.otherPrograms = otherPrograms
        self.pods = pods
        self.names = names
        self.condition = condition
        self.problems = problems
        self.pending = pending
        self.unknownAddresses = unknownAddresses
    }
}

extension Snapshot: StateFile {
    package static let fileName = "state.json"
}
