import FoundationEssentials

/// A file or folder of the sources that a document names, and a function of it that it names right after it.
struct CodePlace {
    var file: String
    var function: String?

    /// A path in backquotes, and after a space a name in backquotes.
    static var pattern: Regex<(Substring, Substring, Substring?)> {
        /`((?:Sources|bpf|Tests|manifests|docs)\/[\w\/.+-]+)`(?:\s+`(\w+)`)?/
    }

    init(file: String, function: String? = nil) {
        (self.file, self.function) = (file, function)
    }

    init(_ match: Regex<(Substring, Substring, Substring?)>.Match) {
        self.init(file: String(match.output.1), function: match.output.2.map { String($0) })
    }

    /// What is wrong with it; tests may be named without their suffix.
    func fault(root: String) -> String? {
        let paths = ["\(root)/\(file)", "\(root)/\(file).swift"]
        guard let path = paths.first(where: FileManager.default.fileExists(atPath:)) else {
            return "\(file) is not there"
        }
        guard let function else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "\(file) is no file" }
        let declared = [
            "func \(function)", "\(function)(", "struct \(function)", "class \(function)", "var \(function)",
        ]
        return declared.contains(where: text.contains) ? nil : "\(file) has no \(function)"
    }
}
