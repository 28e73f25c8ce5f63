import KubernetesObjects
import PolicyModel

/// What an exec plugin gave (`ExecCredential.status`).
struct ExecAnswer: Hashable, Sendable {
    var token: String?
    /// PEM.
    var identity: ClientIdentity?
    /// In seconds since 1970; nil if it never expires.
    var expiry: Int64?

    struct Invalid: Error {
        /// Goes on after the plugin's name.
        var message: String
    }

    init(_ bytes: [UInt8], version: ExecPlugin.Version) throws(Invalid) {
        let documents: [(line: Int, value: JSONValue)]
        do {
            documents = try DocumentReader(limits: TextLimits(bytes: 1 << 20, values: 10_000)).documents(bytes)
        } catch {
            throw Invalid(message: "printed no JSON: \(error)")
        }
        guard let document = documents.first else { throw Invalid(message: "printed nothing") }
        let problems = Problems(origin: "")
        let root = Field(document.value, problems: problems)
        guard root["kind"].string() == "ExecCredential", root["apiVersion"].string() == version.rawValue else {
            throw Invalid(message: "printed something else than an ExecCredential of \(version.rawValue)")
        }
        let status = root["status"]
        token = status["token"].nonEmptyString()
        let chain = status["clientCertificateData"].nonEmptyString()
        let key = status["clientKeyData"].nonEmptyString()
        if let chain, let key {
            identity = ClientIdentity(chain: Array(chain.utf8), key: Array(key.utf8))
        } else if chain != nil || key != nil {
            throw Invalid(message: "gave only one of status.clientCertificateData and status.clientKeyData")
        }
        if let text = status["expirationTimestamp"].nonEmptyString() {
            guard let seconds = Timestamp.rfc3339(text) else {
                throw Invalid(message: "gave status.expirationTimestamp \(text.prefix(40)), which is no RFC 3339 time")
            }
            expiry = seconds
        }
        if let problem = problems.diagnostics.first(where: { $0.severity == .error }) {
            throw Invalid(message: "printed \(problem)")
        }
        guard token != nil || identity != nil else {
            throw Invalid(message: "gave neither status.token nor status.clientCertificateData")
        }
    }

    /// Whether it should no longer be used. A little early, as a request is
    /// under way for a while and clocks differ.
    func isExpired(at now: Int64) -> Bool {
        expiry.map { now >= $0 - 10 } ?? false
    }
}

extension Field {
    /// As Go's decoder has it: an empty string is as good as none.
    func nonEmptyString() -> String? {
        guard let text = string(), !text.isEmpty else { return nil }
        guard !text.utf8.contains(0) else {
            error("holds a NUL character")
            return nil
        }
        return text
    }
}
