import Flows

/// `--not` before a filter. What an option means cannot depend on what stands
/// before it, so `--not --to-port 53` is read as `--not-to-port 53`.
enum Negation {
    static func resolved(_ arguments: some Sequence<String>) -> [String] {
        var words: [String] = []
        for word in arguments {
            if words.last == "--not", let negated = negated(word) {
                words[words.count - 1] = negated
            } else {
                words.append(word)
            }
        }
        return words
    }

    /// Nil for a word that is no filter.
    private static func negated(_ word: String) -> String? {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0] == "-n" ? "--namespace" : parts[0]
        guard name.hasPrefix("--"), FlowCriterion.Kind(rawValue: String(name.dropFirst(2))) != nil else { return nil }
        return "--not-\(name.dropFirst(2))" + (parts.count > 1 ? "=\(parts[1])" : "")
    }
}
