/// A piece of a message.
public struct MessagePiece: Hashable, Sendable {
    /// The socket that it is for.
    public var socket: UInt64
    /// Tells a socket's messages apart.
    public var message: UInt32
    /// The message's length.
    public var total: Int
    /// Of the first byte in the message.
    public var offset: Int
    public var bytes: [UInt8]

    public init(socket: UInt64, message: UInt32, total: Int, offset: Int, bytes: [UInt8]) {
        self.socket = socket
        self.message = message
        self.total = total
        self.offset = offset
        self.bytes = bytes
    }
}

/// Messages that come in pieces, in order, put together.
///
/// A message whose beginning, or whose middle, did not come is never given out. Each owner
/// may have so many under way; one more puts out its own oldest.
public struct PartialMessages<Owner: Hashable & Sendable>: Sendable {
    private struct Partial {
        var socket: UInt64
        var message: UInt32
        var total: Int
        var bytes: [UInt8]
        var began: UInt64
    }

    /// Each is at most 64 KiB.
    private let mostOfOne: Int
    /// Nanoseconds; what is not complete after that is forgotten.
    private let lifetime: UInt64
    private var owners: [Owner: [Partial]] = [:]
    private var lookedThrough: UInt64 = 0

    public init(mostOfOne: Int = 16, lifetime: UInt64 = 10_000_000_000) {
        self.mostOfOne = mostOfOne
        self.lifetime = lifetime
    }

    /// How many are under way.
    public var count: Int { owners.values.reduce(0) { $0 + $1.count } }

    /// - Parameters:
    ///   - piece: a part of a message, and where in the message it lies.
    ///   - owner: whose message it is.
    ///   - time: in nanoseconds, of a clock that only goes forward.
    /// - Returns: the message, if it is complete now.
    public mutating func append(_ piece: MessagePiece, of owner: Owner, at time: UInt64) -> [UInt8]? {
        forgetOld(time)
        var partials = owners.removeValue(forKey: owner) ?? []
        defer { if !partials.isEmpty { owners[owner] = partials } }
        let index = partials.firstIndex { $0.socket == piece.socket && $0.message == piece.message }
        var partial = Partial(
            socket: piece.socket, message: piece.message, total: piece.total, bytes: [], began: time)
        if let index {
            let known = partials.remove(at: index)
            // From the beginning again, or on from where it is.
            if piece.offset != 0 { partial = known }
        }
        guard piece.offset == partial.bytes.count, piece.total == partial.total,
            piece.offset + piece.bytes.count <= piece.total, piece.total <= Int(UInt16.max)
        else { return nil }
        partial.bytes += piece.bytes
        if partial.bytes.count == partial.total { return partial.bytes }
        if partials.count >= mostOfOne { partials.removeFirst() }
        partials.append(partial)
        return nil
    }

    private mutating func forgetOld(_ time: UInt64) {
        guard time > lookedThrough + lifetime / 10 else { return }
        lookedThrough = time
        owners = owners.mapValues { $0.filter { $0.began + lifetime > time } }.filter { !$0.value.isEmpty }
    }
}
