/// A certificate chain and its key, both PEM.
struct ClientIdentity: Hashable, Sendable {
    var chain: [UInt8]
    var key: [UInt8]
}

/// What a request is sent with: everything read, nothing left to look up.
struct Access: Hashable, Sendable {
    var token: String?
    /// What a connection depends on. If it changes, so must the connection.
    var transport = Transport()

    struct Transport: Hashable, Sendable {
        var identity: ClientIdentity?
        /// PEM; nil for the operating system's.
        var authorities: [UInt8]?
    }
}
