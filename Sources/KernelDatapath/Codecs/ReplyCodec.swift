package import CSluice
public import PolicyModel
public import VerdictTables

/// Who began a flow (enum sluice_direction).
public enum FlowDirection: UInt32, Hashable, Sendable {
    case outbound = 0
    case inbound = 1
}

/// A key of `replies`: a connectionless flow of an isolated pod.
public struct ReplyTuple: Hashable, Sendable {
    public var pod: CgroupID
    public var remote: IPAddress
    public var remotePort: UInt16
    public var localPort: UInt16
    /// IANA number.
    public var protocolNumber: UInt8

    public init(
        pod: CgroupID, remote: IPAddress, remotePort: UInt16, localPort: UInt16,
        protocolNumber: UInt8
    ) {
        self.pod = pod
        self.remote = remote
        self.remotePort = remotePort
        self.localPort = localPort
        self.protocolNumber = protocolNumber
    }
}

/// A value of `replies`.
public struct ReplyMark: Hashable, Sendable {
    /// As `KernelClock.now()` said when the last packet went by.
    public var seen: UInt64
    /// Who spoke first; only an inbound flow may be replied to.
    public var direction: FlowDirection
    /// The cookie of the socket that heard the peer last; 0 for the pod's own flows.
    public var socket: UInt64
    /// The cookie of that socket's network namespace; 0 if it is not known.
    public var namespace: UInt64
    /// The tuple's place among those of its pod.
    public var cell: UInt16

    public init(
        seen: UInt64, direction: FlowDirection, socket: UInt64 = 0, namespace: UInt64 = 0, cell: UInt16 = 0
    ) {
        self.seen = seen
        self.direction = direction
        self.socket = socket
        self.namespace = namespace
        self.cell = cell
    }
}

/// `replies`: sluice_reply_key -> sluice_reply.
package enum ReplyCodec: MapCodec {
    package static let map = DatapathMap.replies

    package static func encode(key: ReplyTuple) -> sluice_reply_key {
        var raw = sluice_reply_key()
        raw.pod = key.pod.rawValue
        key.remote.store(in: &raw.address)
        raw.port = key.remotePort.bigEndian
        raw.local_port = key.localPort.bigEndian
        raw.protocol = key.protocolNumber
        return raw
    }

    package static func decode(key raw: sluice_reply_key) -> ReplyTuple? {
        ReplyTuple(
            pod: CgroupID(rawValue: raw.pod), remote: IPAddress(raw.address),
            remotePort: UInt16(bigEndian: raw.port), localPort: UInt16(bigEndian: raw.local_port),
            protocolNumber: raw.protocol)
    }

    package static func encode(value: ReplyMark) -> sluice_reply {
        sluice_reply(
            seen_ns: value.seen, socket: value.socket, netns: value.namespace,
            direction: UInt8(value.direction.rawValue), again: 0, cell: value.cell, zero: 0)
    }

    package static func decode(value raw: sluice_reply) -> ReplyMark? {
        FlowDirection(rawValue: UInt32(raw.direction)).map {
            ReplyMark(
                seen: raw.seen_ns, direction: $0, socket: raw.socket, namespace: raw.netns, cell: raw.cell)
        }
    }
}

/// A place for a tuple among those of its pod.
package struct ReplyCell: Hashable, Sendable {
    package var slot: UInt32
    package var index: UInt32

    package init(slot: UInt32, index: UInt32) {
        self.slot = slot
        self.index = index
    }
}

/// `reply_ring`: sluice_cell -> sluice_reply_key.
package enum ReplyCellCodec: MapCodec {
    package static let map = DatapathMap.replyRing

    package static func encode(key: ReplyCell) -> sluice_cell { sluice_cell(slot: key.slot, index: key.index) }
    package static func decode(key raw: sluice_cell) -> ReplyCell? { ReplyCell(slot: raw.slot, index: raw.index) }
    package static func encode(value: ReplyTuple) -> sluice_reply_key { ReplyCodec.encode(key: value) }
    package static func decode(value raw: sluice_reply_key) -> ReplyTuple? { ReplyCodec.decode(key: raw) }
}
