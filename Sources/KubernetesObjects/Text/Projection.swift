/// Which fields of a JSON value are worth keeping; the rest is read past.
///
/// What stands for an object stands for a list of such objects too. Texts,
/// numbers and the like are kept whatever fields are asked of them, so that a
/// wrong type is still seen.
public struct Projection: Sendable {
    struct Entry: Sendable {
        /// In the form that is compared with the text.
        let name: StaticString
        /// In the form that is kept.
        let key: String
        let below: Projection
    }

    /// Nil means every field.
    let entries: [Entry]?

    /// Everything, to any depth.
    public static let all = Projection(entries: nil)

    init(entries: [Entry]?) {
        self.entries = entries
    }

    /// Both fields of this one and those of the other.
    func adding(_ other: Projection) -> Projection {
        guard let entries, let added = other.entries else { return .all }
        let merged = entries.map { entry in
            guard let same = added.first(where: { $0.key == entry.key }) else { return entry }
            return Entry(name: entry.name, key: entry.key, below: entry.below.adding(same.below))
        }
        return Projection(entries: merged + added.filter { new in !entries.contains { $0.key == new.key } })
    }
}

extension Projection: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (StaticString, Projection)...) {
        self.init(entries: elements.map { Entry(name: $0, key: $0.description, below: $1) })
    }
}
