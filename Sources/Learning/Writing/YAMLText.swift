/// Lines of YAML with comments; no library keeps those.
struct YAMLText {
    private(set) var lines: [String] = []

    mutating func add(_ depth: Int, _ line: String, comment: String? = nil) {
        let comment = comment.map { "  # \(Self.oneLine($0))" } ?? ""
        lines.append(String(repeating: "  ", count: depth) + line + comment)
    }

    /// Comment lines, wrapped to the page.
    ///
    /// - Parameter item: whether it is one of a list.
    mutating func comment(_ depth: Int, _ text: String, item: Bool = false) {
        let indent = String(repeating: "  ", count: depth) + "# "
        var start = item ? "- " : ""
        var line = ""
        for word in Self.oneLine(text).split(separator: " ") {
            if !line.isEmpty, indent.count + start.count + line.count + word.count + 1 > Self.width {
                lines.append(indent + start + line)
                start = item ? "  " : ""
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(indent + start + line) }
    }

    mutating func labels(_ depth: Int, _ labels: [String: String]) {
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
            add(depth, "\(Self.scalar(key)): \(Self.scalar(value))")
        }
    }

    private static let width = 100

    /// Nothing that is recorded ends a comment.
    private static func oneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            line.unicodeScalars.append(scalar.properties.generalCategory.endsLines ? "?" : scalar)
        }
        return line
    }

    /// A string: plain where no reader of YAML 1.1 or 1.2 takes it for something
    /// else, else in double quotes (YAML 1.2, 5.7).
    static func scalar(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]
        let isLetter = { (byte: UInt8) in (97...122).contains(byte | 0x20) }
        let isPlain =
            text.utf8.first.map(isLetter) ?? false
            && text.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || "-_./".utf8.contains($0) }
        if isPlain && !words.contains(text.lowercased()) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7f...0xff).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            case _ where scalar.value > 0xff:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Unicode.GeneralCategory {
    /// Line and paragraph separators, and what else has no place in a line.
    fileprivate var endsLines: Bool {
        switch self {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .unassigned: true
        default: false
        }
    }
}
