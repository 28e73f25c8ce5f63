package import PolicyModel

/// A typed look at one field of an object.
///
/// Accessors give nil where the field is absent or null, which mean the same
/// to the API server's decoder, and also where its type is wrong; the latter is
/// reported to `problems`.
package struct Field {
    /// Nil where absent or null.
    package let value: JSONValue?
    package let path: FieldPath
    /// The line of the nearest object around it; 0 if unknown.
    package let line: Int
    package let problems: Problems

    package init(_ value: JSONValue?, path: FieldPath = .root, line: Int = 0, problems: Problems) {
        self.value = value == .null ? nil : value
        self.path = path
        self.problems = problems
        if case .object(let object) = value, object.line > 0 { self.line = object.line } else { self.line = line }
    }

    package var isAbsent: Bool { value == nil }

    package func error(_ message: String) { report(.error, message) }
    package func warning(_ message: String) { report(.warning, message) }

    private func report(_ severity: Diagnostic.Severity, _ message: String) {
        problems.report(severity, field: path.description, line: line, message)
    }

    private func wrongType(_ wanted: String) {
        guard let value else { return }
        error("must be \(wanted), not \(value.kindName)")
    }

    /// The field below this one; absent if this one is no object. Reports
    /// keys given twice.
    package subscript(key: String) -> Field {
        Field(object()?[key], path: .key(path, key), line: line, problems: problems)
    }

    package func object() -> JSONObject? {
        guard case .object(let object) = value else {
            wrongType("an object")
            return nil
        }
        for key in object.duplicates {
            problems.report(
                .error, field: FieldPath.key(path, key).description, line: line,
                "is given twice; remove one")
        }
        return object
    }

    package func elements() -> [Field]? {
        guard case .array(let elements) = value else {
            wrongType("a list")
            return nil
        }
        return elements.enumerated().map { index, element in
            Field(element, path: .index(path, index), line: line, problems: problems)
        }
    }

    package func string() -> String? {
        switch value {
        case .string(let text): return text
        case .bool, .int, .double:
            error("must be a string; quote it")
            return nil
        default:
            wrongType("a string")
            return nil
        }
    }

    package func bool() -> Bool? {
        guard case .bool(let flag) = value else {
            wrongType("true or false")
            return nil
        }
        return flag
    }

    package func int() -> Int64? {
        guard case .int(let number) = value else {
            if case .double = value { error("must be a whole number") } else { wrongType("a number") }
            return nil
        }
        return number
    }

    /// A port number (k8s apimachinery `validation.IsValidPortNum`).
    package func port() -> UInt16? {
        guard let number = int() else { return nil }
        guard let port = UInt16(exactly: number), port > 0 else {
            error("\(number) is not a port; ports are 1 to 65535")
            return nil
        }
        return port
    }

    /// A core/v1 `Protocol`; TCP where absent, as the API server's defaults say.
    package func transportProtocol() -> TransportProtocol? {
        if isAbsent { return .tcp }
        guard let name = string() else { return nil }
        guard let known = TransportProtocol(name: name) else {
            error("\(quoted(name)) is not a protocol that can be named here; use TCP, UDP or SCTP")
            return nil
        }
        return known
    }

    package func address() -> IPAddress? {
        guard let text = string() else { return nil }
        guard let address = IPAddress(text) else {
            error("\(quoted(text)) is not an IP address")
            return nil
        }
        return address
    }

    /// A CIDR block.
    package func prefix() -> Prefix? {
        guard let text = string() else { return nil }
        guard let prefix = Prefix(text) else {
            error("\(quoted(text)) is not a CIDR block")
            return nil
        }
        return prefix
    }

    /// The text in quotes, cut to a length fit for a message.
    package func quoted(_ text: String) -> String {
        text.count > 80 ? "\"\(text.prefix(80))…\"" : "\"\(text)\""
    }

    /// Runs `body` and tells whether it reported no error.
    package func withoutErrors<Result>(_ body: () -> Result) -> Result? {
        let before = problems.errorCount
        let result = body()
        return problems.errorCount == before ? result : nil
    }

    /// Reports fields that the API does not have: a misspelt field is absent,
    /// and in a rule an absent field allows more. What comes from the API cannot
    /// be misspelt; see `ObjectDecoder.refusesUnknownFields`.
    package func warnOfFields(otherThan known: Set<String>) {
        guard case .object(let object) = value else { return }
        for key in object.fields.keys.sorted() where !known.contains(key) {
            if problems.refusesUnknownFields {
                self[key].error("is not a field that this version of Sluice knows; it allows nothing with it")
            } else {
                self[key].warning("is not a field that Sluice knows; it has no effect")
            }
        }
    }
}
