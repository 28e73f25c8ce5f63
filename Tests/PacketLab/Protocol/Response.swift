/// A pod process's answer to one ``Request``.
public struct Response: Codable, Sendable {
    public var result: ErrnoName
    /// What was received.
    public var bytes: [UInt8]?
    public var local: Endpoint?
    public var peer: Endpoint?
    /// A number: bytes sent, or the process id.
    public var count: Int?
    public var text: String?
    /// One errno for each probe of a batch, in its order; 0 is success.
    public var errnos: [Int32]?

    public init(_ result: ErrnoName) {
        self.result = result
    }

    public var isOK: Bool { result == .ok }
}
