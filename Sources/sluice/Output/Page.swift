import Glibc

/// What text for people is fitted into.
enum Page {
    /// The terminal's width if that is more than the usual.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return 100 }
        return max(100, Int(size.ws_col))
    }

    /// Lines of whole words; a word that is longer than a line has one to itself.
    static func wrap(_ text: String, width: Int) -> [String] {
        guard text.count > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// Prints a named line, what is too long for it indented below.
    static func print(_ name: String, _ text: String, indent: Int = 15) {
        let lines = wrap(text, width: width - indent)
        for (number, line) in lines.enumerated() {
            let start = number == 0 ? name : ""
            Swift.print(start + String(repeating: " ", count: max(1, indent - start.count)) + line)
        }
    }

    static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
