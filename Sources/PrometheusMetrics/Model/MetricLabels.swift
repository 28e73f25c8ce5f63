/// The labels of one metric, in the order of their names.
public struct MetricLabels: Hashable, Comparable, Sendable, ExpressibleByDictionaryLiteral {
    struct Label: Hashable, Comparable, Sendable {
        var name: String
        var value: String

        static func < (left: Self, right: Self) -> Bool {
            (left.name, left.value) < (right.name, right.value)
        }
    }

    let all: [Label]

    public static let none = MetricLabels([])

    /// - Parameter pairs: names and values. Of a name that is there twice the last counts; characters
    ///   that no name may have become underscores.
    public init(_ pairs: [(String, String)]) {
        var values: [String: String] = [:]
        for (name, value) in pairs { values[MetricNames.label(name)] = value }
        all = values.map { Label(name: $0.key, value: $0.value) }.sorted()
    }

    public init(dictionaryLiteral pairs: (String, String)...) { self.init(pairs) }

    /// The same with one label more, or with another value for it.
    public func adding(_ name: String, _ value: String) -> MetricLabels {
        MetricLabels(all.map { ($0.name, $0.value) } + [(name, value)])
    }

    public subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    public static func < (left: Self, right: Self) -> Bool {
        left.all.lexicographicallyPrecedes(right.all)
    }
}
