import Glibc

/// What text for people is fitted into.
enum Page {
    /// The terminal's width if that is more than the usual.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return 100 }
        return max(100, Int(size.ws_col))
    }

    /// What a line is made of: it may end after a space or a comma.
    static func pieces(_ text: String) -> [Substring] {
        var pieces: [Substring] = []
        var start = text.startIndex
        for index in text.indices where text[index] == " " || text[index] == "," {
            let end = text.index(after: index)
            pieces.append(text[start..<end])
            start = end
        }
        return start < text.endIndex ? pieces + [text[start...]] : pieces
    }

    /// Lines of whole pieces; one that is longer than a line has one to itself.
    static func wrap(_ text: String, width: Int) -> [String] {
        guard text.count > width else { return [text] }
        var lines: [String] = []
        var line = ""
        for piece in pieces(text) {
            if !line.isEmpty && line.count + trimmed(String(piece)).count > width {
                lines.append(trimmed(line))
                line = ""
            }
            line += piece
        }
        return lines + [trimmed(line)]
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
