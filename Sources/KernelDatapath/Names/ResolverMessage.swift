import CSluice
public import PolicyModel
public import VerdictTables

/// A record of `answers`: what the programs leave to the agent.
public struct ResolverMessage: Sendable {
    public enum Content: Hashable, Sendable {
        /// A pod was given addresses for a name that none of its rules covers.
        case uncovered(name: String)
        /// Bytes of a DNS message.
        case piece([UInt8], Place)
    }

    /// Where a piece belongs.
    public struct Place: Hashable, Sendable {
        /// Tells a socket's messages apart.
        public var message: UInt32
        /// The message's length.
        public var total: Int
        /// Of the piece's first byte in it.
        public var offset: Int

        public init(message: UInt32, total: Int, offset: Int) {
            self.message = message
            self.total = total
            self.offset = offset
        }
    }

    /// By the clock of `KernelClock.now()`.
    public var time: UInt64
    /// The cgroup of the pod that asked.
    public var pod: CgroupID
    public var policySet: PolicySetID
    /// The pod's, as in `counters`.
    public var slot: UInt32
    public var namespace: NetworkNamespaceID
    /// The cookie of the socket.
    public var socket: UInt64
    public var resolver: IPAddress
    public var content: Content

    /// Nil if it is none that the programs of this layout write.
    package init?(_ raw: UnsafeRawBufferPointer) {
        guard let dataOffset = MemoryLayout<sluice_answer>.offset(of: \.data), raw.count >= dataOffset else {
            return nil
        }
        func field<Value>(_ path: KeyPath<sluice_answer, Value>, as type: Value.Type = Value.self) -> Value {
            raw.loadUnaligned(fromByteOffset: MemoryLayout<sluice_answer>.offset(of: path)!, as: type)
        }
        let length = Int(field(\.length))
        guard length <= raw.count - dataOffset else { return nil }
        let data = raw[dataOffset..<dataOffset + length]
        switch field(\.kind) {
        case SLUICE_ANSWER_UNCOVERED.rawValue:
            content = .uncovered(name: String(decoding: data.prefix { $0 != 0 }.reversed(), as: UTF8.self))
        case SLUICE_ANSWER_PIECE.rawValue:
            content = .piece(
                Array(data),
                Place(message: field(\.message), total: Int(field(\.total)), offset: Int(field(\.offset))))
        default: return nil
        }
        time = field(\.time_ns)
        pod = CgroupID(rawValue: field(\.pod))
        policySet = PolicySetID(rawValue: field(\.policy_set))
        slot = field(\.slot)
        namespace = NetworkNamespaceID(rawValue: field(\.netns))
        socket = field(\.socket)
        resolver = IPAddress(field(\.resolver))
    }
}
