/// What a pod is a replica of, for instance the Deployment `web`.
public struct Workload: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public var kind: String
    public var name: String

    public init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }

    public var description: String { "\(kind) \(name)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.name, left.kind) < (right.name, right.kind)
    }
}
