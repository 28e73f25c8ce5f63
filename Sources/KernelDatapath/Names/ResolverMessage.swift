import CSluice
public import PolicyModel
public import VerdictTables

/// A record of `answers`: what the programs leave to the agent.
public struct ResolverMessage: Sendable {
    public enum Content: Hashable, Sendable {
        /// A pod was given addresses for a name that none of its rules covers.
        case uncovered(name: String)
        /// A DNS message, or its first SLUICE_ANSWER_DATA bytes.
        case datagram([UInt8])
        /// Bytes of a TCP stream, and the sequence number of the first.
        case segment([UInt8], sequence: UInt32)
    }

    /// By the clock of `KernelClock.now()`.
    public var time: UInt64
    /// The cgroup of the pod that asked.
    public var pod: CgroupID
    public var policySet: PolicySetID
    public var namespace: NetworkNamespaceID
    /// The cookie of the socket.
    public var socket: UInt64
    public var resolver: IPAddress
    public var content: Content

    /// Nil if it is none that the programs of this layout write.
    package init?(_ raw: UnsafeRawBufferPointer) {
        guard raw.count == MemoryLayout<sluice_answer>.size,
            let dataOffset = MemoryLayout<sluice_answer>.offset(of: \.data)
        else { return nil }
        func field<Value>(_ path: KeyPath<sluice_answer, Value>, as type: Value.Type = Value.self) -> Value {
            raw.loadUnaligned(fromByteOffset: MemoryLayout<sluice_answer>.offset(of: path)!, as: type)
        }
        let length = Int(field(\.length))
        guard length <= Int(SLUICE_ANSWER_DATA) else { return nil }
        let data = raw[dataOffset..<dataOffset + length]
        switch field(\.kind) {
        case SLUICE_ANSWER_UNCOVERED.rawValue:
            content = .uncovered(name: String(decoding: data.prefix { $0 != 0 }.reversed(), as: UTF8.self))
        case SLUICE_ANSWER_DATAGRAM.rawValue: content = .datagram(Array(data))
        case SLUICE_ANSWER_SEGMENT.rawValue: content = .segment(Array(data), sequence: field(\.sequence))
        default: return nil
        }
        time = field(\.time_ns)
        pod = CgroupID(rawValue: field(\.pod))
        policySet = PolicySetID(rawValue: field(\.policy_set))
        namespace = NetworkNamespaceID(rawValue: field(\.netns))
        socket = field(\.socket)
        resolver = IPAddress(field(\.resolver))
    }
}
