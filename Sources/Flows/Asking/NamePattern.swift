public import PolicyModel

/// A name, or with `*` at its end what a name begins with.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    private let text: String
    private let isPrefix: Bool

    public init(_ text: some StringProtocol) {
        isPrefix = text.hasSuffix("*")
        self.text = String(isPrefix ? text.dropLast() : text[...])
    }

    public var description: String { isPrefix ? "\(text)*" : text }

    public func matches(_ name: String) -> Bool { isPrefix ? name.hasPrefix(text) : name == text }
}

/// `namespace/name`, or `name` in any namespace; each part may end in `*`.
public struct ObjectPattern: Hashable, Sendable, CustomStringConvertible {
    private let namespace: NamePattern
    private let name: NamePattern
    private let isInAnyNamespace: Bool

    /// - Parameter text: nil is the answer to an empty part, or to more than one slash.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts.contains("") else { return nil }
        isInAnyNamespace = parts.count == 1
        namespace = NamePattern(parts.count == 1 ? "*" : parts[0])
        name = NamePattern(parts[parts.count - 1])
    }

    public var description: String { isInAnyNamespace ? "\(name)" : "\(namespace)/\(name)" }

    public func matches(_ key: NamespacedName?) -> Bool {
        guard let key else { return false }
        return namespace.matches(key.namespace) && name.matches(key.name)
    }
}

/// A workload's name, or `Kind/name`; each part may end in `*`.
public struct WorkloadPattern: Hashable, Sendable, CustomStringConvertible {
    private let pattern: ObjectPattern

    public init?(_ text: String) {
        guard let pattern = ObjectPattern(text) else { return nil }
        self.pattern = pattern
    }

    public var description: String { "\(pattern)" }

    public func matches(_ workload: Workload?) -> Bool {
        pattern.matches(workload.map { NamespacedName($0.kind, $0.name) })
    }
}

/// A domain name of any number of labels, or `*.` and a domain for every name below it.
public struct DomainNamePattern: Hashable, Sendable, CustomStringConvertible {
    private let name: DomainName
    private let isBelow: Bool

    public init?(_ text: String) {
        isBelow = text.hasPrefix("*.")
        guard let name = DomainName(String(text.dropFirst(isBelow ? 2 : 0))) else { return nil }
        self.name = name
    }

    public var description: String { isBelow ? "*.\(name)" : name.description }

    public func matches(_ other: DomainName) -> Bool { isBelow ? other.isBelow(name) : other == name }
}
