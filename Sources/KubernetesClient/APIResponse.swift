/// An answer of status 2xx whose body is read as it arrives.
public struct APIResponse: Sendable {
    /// Pieces of the body as they arrive, of any size. Ends with the body;
    /// throws `APIError` if the connection is cut or silent for too long before
    /// that. Whoever stops reading and lets go of it closes the connection.
    ///
    /// A task that is cancelled may be told of the end instead of an error.
    public typealias Body = AsyncThrowingStream<[UInt8], any Error>

    public var body: Body

    public init(body: Body) {
        self.body = body
    }

    /// The whole body.
    ///
    /// - Throws: `APIError` as `body` does, or if there is more than `limit` bytes.
    public func bytes(limit: Int = 64 << 20) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard bytes.count + piece.count <= limit else {
                throw APIError(.invalidAnswer, message: "the answer is longer than \(limit) bytes")
            }
            bytes += piece
        }
        try Task.checkCancellation()
        return bytes
    }
}
