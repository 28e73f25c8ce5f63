public import PolicyModel

/// All that is needed to speak to one cluster's API server, not yet read from
/// the files that it names.
public struct ClusterConfiguration: Hashable, Sendable {
    /// Which certificate authorities may vouch for the server.
    public enum Trust: Hashable, Sendable {
        /// Those of the operating system.
        case system
        /// Those in a bundle of PEM certificates.
        case bundle(FileOrData)
        /// Whoever answers is believed (`insecure-skip-tls-verify`).
        case anyone
    }

    public var server: ServerAddress
    public var trust: Trust
    /// The name that the server's certificate must bear, if not the host.
    public var serverName: String?
    /// An HTTP proxy.
    public var proxy: ServerAddress?
    public var credentials: Credentials

    public init(
        server: ServerAddress, trust: Trust = .system, serverName: String? = nil,
        proxy: ServerAddress? = nil, credentials: Credentials = Credentials()
    ) {
        self.server = server
        self.trust = trust
        self.serverName = serverName
        self.proxy = proxy
        self.credentials = credentials
    }
}

/// Bytes in a file that may change, or given once and for all.
public enum FileOrData: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    /// - Parameter origin: where they stood, for messages.
    case data([UInt8], origin: String)

    public var description: String {
        switch self {
        case .file(let path): path
        case .data(_, let origin): origin
        }
    }
}

/// A configuration that cannot be used: file, field and reason.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var problems: [Diagnostic]

    init(_ problems: [Diagnostic]) {
        self.problems = problems
    }

    init(origin: String, field: String = "", _ message: String) {
        problems = [Diagnostic(.error, origin: origin, field: field, message)]
    }

    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
