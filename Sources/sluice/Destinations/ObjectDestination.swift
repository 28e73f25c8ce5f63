import PolicyModel

/// `NAMESPACE/NAME:PORT[/protocol]`: a service, or a pod.
struct ObjectDestination: Hashable {
    enum Port: Hashable, CustomStringConvertible {
        case number(UInt16)
        case named(String)

        var description: String {
            switch self {
            case .number(let number): String(number)
            case .named(let name): name
            }
        }
    }

    var key: NamespacedName
    /// Nil for ICMP.
    var port: Port?
    /// Nil where the user names none.
    var `protocol`: ProbeProtocol?

    static let form = "NAMESPACE/SERVICE:PORT or NAMESPACE/POD:PORT, the port by number or name: shop/api:http"

    /// - Returns: nil where the text is of another form.
    /// - Throws: `Failure` where it is of this form, and something in it is wrong.
    init?(_ text: String) throws {
        var rest = text[...]
        if let slash = rest.lastIndex(of: "/"),
            let named = ProbeProtocol(text: String(rest[rest.index(after: slash)...]))
        {
            `protocol` = named
            rest = rest[..<slash]
        }
        // Behind an address, what follows the slash is a protocol that nobody knows.
        guard let slash = rest.firstIndex(of: "/"), rest.first != "[",
            !rest[..<slash].contains(":"), IPAddress(String(rest[..<slash])) == nil
        else { return nil }
        let colon = rest[slash...].firstIndex(of: ":")
        guard let key = NamespacedName(String(rest[..<(colon ?? rest.endIndex)])), Self.isNamed(key) else {
            throw Failure.badInput("--to \(text): not a namespace and a name; write \(Self.form)")
        }
        self.key = key
        let port = colon.map { rest[rest.index(after: $0)...] }
        switch (port, `protocol`) {
        case (nil, .icmp?): break
        case (_?, .icmp?): throw Failure.badInput("--to \(text): ICMP has no ports; write \(key)/icmp")
        case (nil, _): throw Failure.badInput("--to \(text): the port is missing; write \(Self.form)")
        case (let port?, _): self.port = try Self.port(port, in: text)
        }
    }

    private static func port(_ port: Substring, in text: String) throws -> Port {
        if port.isEmpty || port.allSatisfy(\.isNumber) {
            guard let number = UInt16(port), number > 0 else {
                throw Failure.badInput(
                    "--to \(text): \"\(port)\" is not a port, 1 to 65535, or a port's name; write \(form)")
            }
            return .number(number)
        }
        guard port.utf8.allSatisfy(isNameByte) else {
            throw Failure.badInput("--to \(text): \"\(port)\" is neither a port nor a port's name; write \(form)")
        }
        return .named(String(port))
    }

    /// Whether the API could have objects of that name: it becomes part of a path.
    private static func isNamed(_ key: NamespacedName) -> Bool {
        (key.namespace + key.name).utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ".") }
            && ![key.namespace, key.name].contains { $0.hasPrefix(".") }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
    }
}
