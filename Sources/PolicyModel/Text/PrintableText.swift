/// Text that others have written (names in objects, processes' names, names from DNS), as people may be shown it.
extension String {
    /// The text on one line. Characters that move the cursor, begin a line, colour what follows, reverse the
    /// direction of reading, or are not to be seen stand as `\n` or `\u{1B}`.
    public var printable: String { escaping { $0.isDeceptive } }

    /// The same, with the line feeds that it has: for text whose parts are printable already.
    public var printableLines: String { escaping { $0.isDeceptive && $0 != "\n" } }

    private func escaping(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
        if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) || !unicodeScalars.contains(where: isEscaped) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if isEscaped(scalar) { text += scalar.written } else { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it is of the general categories Cc, Cf, Zl or Zp (The Unicode Standard, 4.5): controls, the
    /// characters of the bidirectional algorithm and others of no width, separators of lines and paragraphs.
    fileprivate var isDeceptive: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    fileprivate var written: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }
}
