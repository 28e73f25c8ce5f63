import FoundationEssentials

/// A file of tests that a document names, and those of its tests that it names right after it: by their
/// functions, or by their words in quotes.
struct Citation {
    var file: String
    var names: [String]

    /// All that stand in a text of Markdown, whose lines may be broken anywhere.
    static func all(in text: some StringProtocol) -> [Citation] {
        String(text).matches(of: pattern).map { match in
            let path = match.output.1
            return Citation(
                file: (path.hasPrefix("Tests/") ? "" : "Tests/EnforcementTests/") + path + ".swift",
                names: match.output.2.matches(of: /[`"]([^`"]+)[`"]/).map {
                    $0.output.1.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                })
        }
    }

    /// The text without them.
    static func removed(from text: some StringProtocol) -> String { String(text).replacing(pattern, with: "") }

    private static var pattern: Regex<(Substring, Substring, Substring)> {
        /`((?:\w+\/)+\w+Tests)(?:\.swift)?`((?:(?:,|\s|and\b)*(?:`\w+`|"[^"]+"))*)/
    }

    /// What is wrong with it, by the sources.
    ///
    /// - Parameter root: of the repository.
    func faults(root: String) -> [String] {
        guard let source = try? String(contentsOfFile: "\(root)/\(file)", encoding: .utf8) else {
            return ["\(file) is not there"]
        }
        var tests = Set(source.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { String($0.output.1) })
        tests.formUnion(source.matches(of: /@Test\b[\s\S]*?\bfunc\s+(\w+)/).map { String($0.output.1) })
        return tests.isEmpty
            ? ["\(file) has no test"] : names.filter { !tests.contains($0) }.map { "\(file) has no test \($0)" }
    }
}
