import PolicyModel

/// Where an API server is, from a URL such as `https://10.96.0.1:443` or
/// `https://rancher.example/k8s/clusters/c-1`.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Scheme: String, Hashable, Sendable {
        case http, https
    }

    public var scheme: Scheme
    /// A name or an address, without brackets.
    public var host: String
    public var port: UInt16
    /// Comes before every request's path; empty, or begins with a slash and
    /// ends with none. Percent-encoded already.
    public var pathPrefix: String

    public init(scheme: Scheme = .https, host: String, port: UInt16, pathPrefix: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }

    /// What keeps a text from being a server's URL, for a message.
    struct Invalid: Error {
        var message: String
    }

    init(url: String) throws(Invalid) {
        guard let separator = url.firstRange(of: "://"),
            let scheme = Scheme(rawValue: url[..<separator.lowerBound].lowercased())
        else { throw Invalid(message: "must begin with https:// or http://") }
        let rest = url[separator.upperBound...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw Invalid(message: "holds a character that a URL cannot hold")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Invalid(message: "must end after its path: no '?' and no '#'")
        }
        guard !rest[..<end].contains("@") else {
            throw Invalid(message: "must hold no user name; credentials belong below users")
        }
        let (host, port) = try Self.hostAndPort(rest[..<end])
        var path = rest[end...]
        while path.hasSuffix("/") { path = path.dropLast() }
        self.init(
            scheme: scheme, host: host, port: port ?? (scheme == .https ? 443 : 80), pathPrefix: String(path))
    }

    private static func hostAndPort(_ text: Substring) throws(Invalid) -> (String, UInt16?) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { throw Invalid(message: "lacks a ']'") }
            host = text[text.index(after: text.startIndex)..<close]
            guard IPAddress(String(host)) != nil, host.contains(":") else {
                throw Invalid(message: "has no IPv6 address between its brackets")
            }
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw Invalid(message: "goes on after ']'") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 253 else { throw Invalid(message: "names no host") }
        guard host.contains(":") || host.utf8.allSatisfy(isNameByte) else {
            throw Invalid(message: "has a host that is neither a name nor an address")
        }
        guard let port else { return (String(host), nil) }
        guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(port), number > 0 else {
            throw Invalid(message: "has a port that is none; ports are 1 to 65535")
        }
        return (String(host), number)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._".utf8.contains(byte)
        }
    }

    /// `host:port`, an IPv6 address in brackets.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    public var description: String { "\(scheme.rawValue)://\(authority)\(pathPrefix)" }
}
