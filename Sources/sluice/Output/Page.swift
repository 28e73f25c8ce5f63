import Glibc
import PolicyModel

/// What text for people is fitted into.
enum Page {
    /// The width that COLUMNS asks for, else the terminal's. Without a terminal there is none: a program
    /// that reads lines, or a person who pages through a file, wants each row in one line.
    static var width: Int {
        if let wish = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), wish > 0 { return max(least, wish) }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return .max }
        return max(least, Int(size.ws_col))
    }

    /// Below this nothing of a table could be read.
    private static let least = 40

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
        let lines = wrap(text.printable, width: width - indent)
        for (number, line) in lines.enumerated() {
            let start = number == 0 ? name.printable : ""
            Swift.print(start + String(repeating: " ", count: max(1, indent - start.count)) + line)
        }
    }

    static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
