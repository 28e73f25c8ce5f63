import PolicyModel

/// `IP:PORT[/protocol]`, with IPv6 in brackets; `IP/icmp` needs no port. A domain name
/// may stand in the address's place.
struct Destination: Hashable {
    var host: Host
    var port: UInt16
    var `protocol`: ProbeProtocol

    static let form =
        "ADDRESS:PORT[/tcp|udp|sctp] or ADDRESS/icmp, with IPv6 in brackets: 10.1.2.3:443, [fd00::1]:53/udp; "
        + "a domain name may stand for the address"

    init(host: Host, port: UInt16, protocol: ProbeProtocol) {
        self.host = host
        self.port = port
        self.protocol = `protocol`
    }

    init(_ text: String) throws {
        var rest = text[...]
        var named: ProbeProtocol?
        if let slash = rest.lastIndex(of: "/") {
            named = ProbeProtocol(text: String(rest[rest.index(after: slash)...]))
            guard named != nil else {
                throw Failure.badInput("\(text): unknown protocol; write \(Self.form)")
            }
            rest = rest[..<slash]
        }
        `protocol` = named ?? .tcp
        let host: Substring
        let port: Substring?
        if rest.first == "[", let close = rest.lastIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<close]
            let after = rest[rest.index(after: close)...]
            guard after.isEmpty || after.first == ":" else {
                throw Failure.badInput("\(text): write \(Self.form)")
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = rest.lastIndex(of: ":"), rest.firstIndex(of: ":") == colon {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        } else {
            host = rest
            port = nil
        }
        guard let host = Host(String(host)) else {
            throw Failure.badInput("\(text): \"\(host)\" is not an IP address or a domain name; write \(Self.form)")
        }
        self.host = host
        if let port {
            guard `protocol` != .icmp else {
                throw Failure.badInput("\(text): ICMP has no ports; write \(Self.form)")
            }
            // UInt16 would take a sign.
            guard port.allSatisfy(\.isNumber), let number = UInt16(port), number > 0 else {
                throw Failure.badInput("\(text): \"\(port)\" is not a port, 1 to 65535; write \(Self.form)")
            }
            self.port = number
        } else if `protocol` == .icmp {
            self.port = 0
        } else {
            throw Failure.badInput("\(text): the port is missing; write \(Self.form)")
        }
    }
}
