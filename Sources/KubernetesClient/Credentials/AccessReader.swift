import PolicyModel
import SystemPackage

/// Reads access from its files and its plugin, and knows when to do so again.
///
/// A value: whoever reads makes a copy, lets it wait where waiting is fine, and
/// keeps the copy.
package struct AccessReader: Sendable {
    /// How soon files are looked at again.
    static let shortestTrust = Duration.seconds(1)

    private let credentials: Credentials
    private let trust: ClusterConfiguration.Trust
    private var files: [String: RotatingFile] = [:]
    private var answer: ExecAnswer?
    private(set) var access: Access?
    private var checkedAt = ContinuousClock.now
    private var isInvalid = false

    package init(_ configuration: ClusterConfiguration) {
        credentials = configuration.credentials
        trust = configuration.trust
    }

    /// The access that was read last, if it may still be used as it is.
    func fresh(at now: ContinuousClock.Instant, wallClock: Int64) -> Access? {
        guard !isInvalid, answer?.isExpired(at: wallClock) != true,
            files.isEmpty || now - checkedAt < Self.shortestTrust
        else { return nil }
        return access
    }

    /// Sees to it that all is read anew, as the server refused what there is.
    mutating func invalidate() {
        isInvalid = true
    }

    /// Waits for files and the plugin: not for a cooperative thread.
    ///
    /// - Throws: `APIError` of code `credentials`, with the file or the plugin.
    package mutating func read(at now: ContinuousClock.Instant = .now) throws(APIError) {
        var access = Access()
        if case .bundle(let bundle) = trust {
            access.transport.authorities = try bytes(bundle, what: "the CA certificates", at: now)
        }
        switch credentials.token {
        case .fixed(let token): access.token = try checked(token, origin: credentials.name)
        case .file(let path):
            let bytes = try bytes(.file(path), what: "the token", at: now)
            access.token = try checked(String(decoding: bytes, as: UTF8.self), origin: path)
        case nil: break
        }
        if let certificate = credentials.certificate {
            access.transport.identity = ClientIdentity(
                chain: try bytes(certificate.chain, what: "the client certificate", at: now),
                key: try bytes(certificate.key, what: "the client key", at: now))
        }
        if let plugin = credentials.plugin {
            let usable = isInvalid || answer?.isExpired(at: Timestamp.now) != false ? nil : answer
            let answer = if let usable { usable } else { try plugin.run() }
            self.answer = answer
            if let token = answer.token { access.token = try checked(token, origin: credentials.name) }
            if let identity = answer.identity { access.transport.identity = identity }
        }
        self.access = access
        checkedAt = now
        isInvalid = false
    }

    private mutating func bytes(
        _ source: FileOrData, what: String, at now: ContinuousClock.Instant
    ) throws(APIError) -> [UInt8] {
        switch source {
        case .data(let bytes, _): return bytes
        case .file(let path):
            do {
                return try files[path, default: RotatingFile(path)].contents(isForced: isInvalid, at: now)
            } catch {
                throw APIError(.credentials, message: "\(what) cannot be read: \(path): \(error)")
            }
        }
    }

    /// A token goes into a header as it is.
    private func checked(_ text: String, origin: String) throws(APIError) -> String {
        let space: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
        let bytes = text.utf8.drop { space.contains($0) }.reversed().drop { space.contains($0) }.reversed()
        guard !bytes.isEmpty else { throw APIError(.credentials, message: "\(origin) is empty") }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw APIError(.credentials, message: "\(origin) holds characters that no token has")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
