extension JSONReader {
    mutating func word() throws(TextError) -> JSONValue {
        if consume(word: "true") { return .bool(true) }
        if consume(word: "false") { return .bool(false) }
        if consume(word: "null") { return .null }
        throw unexpected("a value")
    }

    private mutating func consume(word: StaticString) -> Bool {
        guard holds(word, at: position) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    func holds(_ word: StaticString, at place: Int) -> Bool {
        guard bytes.count - place >= word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[place + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }

    mutating func number() throws(TextError) -> JSONValue {
        let start = position
        let isInteger = try skipNumber()
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let number = Int64(text) { return .int(number) }
        guard let number = Double(text), number.isFinite else { throw error("\(text) is out of range") }
        return .double(number)
    }

    /// - Returns: Whether it has neither fraction nor exponent.
    mutating func skipNumber() throws(TextError) -> Bool {
        var isInteger = true
        _ = consume(UInt8(ascii: "-"))
        if consume(UInt8(ascii: "0")) {
            if let peek, isDigit(peek) { throw error("a number must not begin with 0") }
        } else if skipDigits() == 0 {
            throw unexpected("a digit")
        }
        if consume(UInt8(ascii: ".")) {
            isInteger = false
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        return isInteger
    }

    mutating func string() throws(TextError) -> String {
        position += 1
        let start = position
        skipPlainText()
        if peek == UInt8(ascii: "\"") {
            let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
            position += 1
            // Nearly all are ASCII, and the check for the others is slow.
            if text.allSatisfy({ $0 < 0x80 }) { return String(decoding: text, as: UTF8.self) }
            return try checked(text)
        }
        var text = Array(bytes[start..<position])
        try eachPart { reader, part in
            text += reader.bytes[part]
        } scalar: { scalar in
            text.append(contentsOf: String(Character(scalar)).utf8)
        }
        return try checked(text)
    }

    private func checked(_ text: some Collection<UInt8>) throws(TextError) -> String {
        guard let text = String(validating: text, as: UTF8.self) else {
            throw error("a string is not valid UTF-8")
        }
        return text
    }

    /// The rest of a string, up to and with its last quote: stretches without
    /// escapes, and what each escape stands for.
    mutating func eachPart(
        _ part: (JSONReader, Range<Int>) -> Void, scalar: (Unicode.Scalar) -> Void
    ) throws(TextError) {
        while true {
            let start = position
            skipPlainText()
            part(self, start..<position)
            switch peek {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                scalar(try escape())
            case nil: throw unexpected("'\"'")
            default: throw error("a string holds an unescaped control character")
            }
        }
    }

    private mutating func escape() throws(TextError) -> Unicode.Scalar {
        guard let byte = peek else { throw unexpected("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try hexQuad()
            if (0xd800..<0xdc00).contains(code), consume(UInt8(ascii: "\\")), consume(UInt8(ascii: "u")) {
                let low = try hexQuad()
                guard (0xdc00..<0xe000).contains(low) else { throw error("a lone surrogate escape") }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("a lone surrogate escape") }
            return scalar
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
}
