package import CSluice
public import PolicyModel
public import VerdictTables

/// Something that a program reported.
public struct FlowEvent: Hashable, Sendable {
    /// By the clock of `KernelClock.now()`; `KernelClock.wallClock(of:)` converts.
    public var time: UInt64
    /// The pod's cgroup, or the socket's own if no pod is known.
    public var pod: CgroupID
    public var policySet: PolicySetID
    public var addressClass: AddressClassID
    public var cause: CauseID
    public var destination: IPAddress
    /// 0 where the protocol has none.
    public var port: UInt16
    /// The sender's address; nil where the hook does not know it.
    public var source: IPAddress?
    /// 0 where it is not known.
    public var sourcePort: UInt16
    /// IANA number.
    public var protocolNumber: UInt8
    public var verdict: FlowVerdict
    /// Whether a guard decided, or was passed.
    public var guarded: Bool
    public var hook: FlowHook
    /// Nil where the hook does not know the process.
    public var process: Int32?
    /// The process's name, at most 15 bytes; empty where it is not known. A process
    /// names itself: what is no printing character is a question mark here.
    public var command: String
    /// How many packets this stands for.
    public var count: UInt32
    /// The sender's network namespace; nil where the hook does not know it.
    public var namespace: NetworkNamespaceID?

    /// Nil if the bytes are none that the programs of this layout write.
    package init?(record bytes: UnsafeRawBufferPointer) {
        guard bytes.count == MemoryLayout<sluice_event>.size else { return nil }
        self.init(bytes.loadUnaligned(as: sluice_event.self))
    }

    /// Nil if a value is none that the programs of this layout write.
    package init?(_ raw: sluice_event) {
        guard let verdict = FlowVerdict(kernelValue: raw.verdict),
            let hook = FlowHook(kernelValue: raw.hook), raw.guard <= 1
        else { return nil }
        time = raw.time_ns
        pod = CgroupID(rawValue: raw.pod)
        policySet = PolicySetID(rawValue: raw.policy_set)
        addressClass = AddressClassID(rawValue: raw.address_class)
        cause = CauseID(rawValue: raw.cause)
        destination = IPAddress(raw.address)
        port = raw.port
        source = IPAddress(ifPresent: raw.source)
        sourcePort = raw.source_port
        protocolNumber = raw.protocol
        self.verdict = verdict
        guarded = raw.guard == 1
        self.hook = hook
        process = raw.pid == 0 ? nil : Int32(bitPattern: raw.pid)
        command = withUnsafeBytes(of: raw.comm) {
            let bytes = $0.prefix { $0 != 0 }
            return String(decoding: bytes.map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
        }
        count = raw.count
        namespace = raw.netns == 0 ? nil : NetworkNamespaceID(rawValue: raw.netns)
    }

    /// What was suppressed since the flow's last report.
    package init?(_ key: sluice_dedup_key, _ value: sluice_dedup, at time: UInt64) {
        var raw = sluice_event()
        raw.time_ns = time
        raw.pod = key.pod
        raw.policy_set = value.policy_set
        raw.address_class = value.address_class
        raw.cause = value.cause
        raw.netns = value.netns
        raw.address = key.address
        raw.port = UInt16(bigEndian: key.port)
        raw.protocol = key.protocol
        raw.verdict = key.verdict
        raw.guard = value.guard
        raw.hook = value.hook
        raw.pid = value.pid
        raw.comm = value.comm
        raw.count = value.suppressed
        self.init(raw)
    }
}
