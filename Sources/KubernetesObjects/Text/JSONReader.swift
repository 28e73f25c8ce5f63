/// Reads JSON (RFC 8259), one value or several in a row, with or without YAML's
/// `---` between them, as kubectl takes them.
///
/// Unlike the standard decoders it knows lines, finds keys given twice and
/// bounds depth and size.
struct JSONReader {
    private let bytes: [UInt8]
    private let limits: TextLimits
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var values = 0
    private var depth = 0

    /// - Parameter bytes: valid UTF-8.
    init(_ bytes: [UInt8], limits: TextLimits = TextLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The values of the text and the line of each.
    mutating func readAll() throws(TextError) -> [(line: Int, value: JSONValue)] {
        var documents: [(line: Int, value: JSONValue)] = []
        skipSpace()
        while position < bytes.count {
            let line = line
            documents.append((line, try value()))
            skipSpace()
            if bytes[position...].starts(with: "---".utf8) {
                position += 3
                skipSpace()
            }
        }
        return documents
    }

    private mutating func value() throws(TextError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw error("holds more than \(limits.values) values") }
        switch peek {
        case UInt8(ascii: "{"): return try nested { reader throws(TextError) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(TextError) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONReader) throws(TextError) -> JSONValue
    ) throws(TextError) -> JSONValue {
        depth += 1
        guard depth <= limits.depth else { throw error("nests deeper than \(limits.depth) levels") }
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(TextError) -> JSONValue {
        var object = JSONObject(line: line)
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipSpace()
            object.insert(key, try value())
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(object) }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
            skipSpace()
        }
    }

    private mutating func array() throws(TextError) -> JSONValue {
        var elements: [JSONValue] = []
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
            skipSpace()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(TextError) -> JSONValue {
        let expected = text.description
        guard bytes[position...].starts(with: expected.utf8) else { throw unexpected("a value") }
        position += expected.utf8.count
        return value
    }

    private mutating func number() throws(TextError) -> JSONValue {
        let start = position
        var isInteger = true
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let peek, isDigit(peek) { throw error("a number must not begin with 0") }
        } else if skipDigits() == 0 {
            throw unexpected("a digit")
        }
        if take(UInt8(ascii: ".")) {
            isInteger = false
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw error("\(text) is out of range") }
        return .double(number)
    }

    private mutating func string() throws(TextError) -> String {
        position += 1
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
        }
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case ..<0x20:
                position -= 1
                throw error("a string holds an unescaped control character")
            default: text.append(byte)
            }
        }
        throw unexpected("'\"'")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(TextError) {
        guard let byte = peek else { throw unexpected("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexQuad()
            if (0xd800..<0xdc00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let low = try hexQuad()
                guard (0xdc00..<0xe000).contains(low) else { throw error("a lone surrogate escape") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate escape") }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error("an unknown escape in a string")
        }
    }

    private mutating func hexQuad() throws(TextError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            position += 1
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let peek, isDigit(peek) { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while let byte = peek {
            switch byte {
            case 0x0a:
                position += 1
                line += 1
                lineStart = position
            case 0x20, 0x09, 0x0d: position += 1
            default: return
            }
        }
    }

    private func unexpected(_ wanted: String) -> TextError {
        guard let peek else {
            return error("ends where \(wanted) was expected")
        }
        let found = (0x21...0x7e).contains(peek) ? "'\(Character(Unicode.Scalar(peek)))'" : "this character"
        return error("\(wanted) was expected, not \(found)")
    }

    private func error(_ message: String) -> TextError {
        let text = bytes[min(lineStart, position)..<min(position, bytes.count)]
        // Continuation bytes are no characters of their own.
        return TextError(line: line, column: text.count { $0 & 0xc0 != 0x80 } + 1, message)
    }
}
