/// The first few of what there is, for who named something that there is not.
enum Suggestions {
    private static let shown = 5

    /// - Parameter isLikely: those come first.
    /// - Returns: `; there are a, b and 7 more`, or nothing where there are none.
    static func text(_ names: [String], likely isLikely: (String) -> Bool) -> String {
        guard !names.isEmpty else { return "" }
        let ordered = names.filter(isLikely) + names.filter { !isLikely($0) }
        let more = ordered.count - shown
        return "; there are " + ordered.prefix(shown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
