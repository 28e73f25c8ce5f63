/// How to show a server who is asking. Not yet read or run.
public struct Credentials: Hashable, Sendable {
    public enum Token: Hashable, Sendable {
        case fixed(String)
        /// Read again as it rotates.
        case file(String)
    }

    /// A certificate chain and its key, both PEM.
    public struct Certificate: Hashable, Sendable {
        public var chain: FileOrData
        public var key: FileOrData

        public init(chain: FileOrData, key: FileOrData) {
            self.chain = chain
            self.key = key
        }
    }

    public var token: Token?
    public var certificate: Certificate?
    public var plugin: ExecPlugin?
    /// Whose they are, for messages: `user "admin" of /home/a/.kube/config`.
    public var owner: String

    public init(
        token: Token? = nil, certificate: Certificate? = nil, plugin: ExecPlugin? = nil, owner: String = ""
    ) {
        self.token = token
        self.certificate = certificate
        self.plugin = plugin
        self.owner = owner
    }

    var isEmpty: Bool { token == nil && certificate == nil && plugin == nil }

    /// What a person would have to look at, for messages.
    var name: String {
        let of = owner.isEmpty ? "" : " of \(owner)"
        return switch (token, plugin, certificate) {
        case (.file(let path), _, _): "the token in \(path)"
        case (.fixed, _, _): "the token\(of)"
        case (_, let plugin?, _): "what the exec plugin \(plugin.command)\(of) gave"
        case (_, _, let certificate?): "the client certificate \(certificate.chain)"
        case (nil, nil, nil): "no credentials\(of)"
        }
    }
}
