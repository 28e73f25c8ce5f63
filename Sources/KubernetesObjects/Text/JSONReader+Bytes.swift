// Inlined where it is called: these run for each byte or token of hundreds of
// megabytes.
extension JSONReader {
    @inline(__always)
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    @inline(__always)
    func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    @inline(__always)
    mutating func consume(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func skipDigits() -> Int {
        let start = position
        while let peek, isDigit(peek) { position += 1 }
        return position - start
    }

    @inline(__always)
    mutating func skipSpace() {
        if let byte = peek, byte <= 0x20 { skipSomeSpace() }
    }

    private mutating func skipSomeSpace() {
        while let byte = peek, byte <= 0x20 {
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

    /// Goes on to the next byte that means something in a string: a quote, a
    /// backslash or a control character. Eight bytes at a time, by the exact
    /// "has a zero byte" test on each word.
    @inline(__always)
    mutating func skipPlainText() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while position &+ 8 <= bytes.count {
            let word = UInt64(
                littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(
                    fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5c)
            let found =
                ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes | (word &- ones &* 0x20) & ~word)
                & (ones &* 0x80)
            guard found == 0 else {
                position &+= found.trailingZeroBitCount / 8
                return
            }
            position &+= 8
        }
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            position += 1
        }
    }

    func unexpected(_ wanted: String) -> TextError {
        guard let peek else { return error("ends where \(wanted) was expected") }
        let found = (0x21...0x7e).contains(peek) ? "'\(Character(Unicode.Scalar(peek)))'" : "this character"
        return error("\(wanted) was expected, not \(found)")
    }

    func error(_ message: String) -> TextError {
        let text = bytes[min(lineStart, position)..<min(position, bytes.count)]
        // Continuation bytes are no characters of their own.
        return TextError(line: line, column: text.count { $0 & 0xc0 != 0x80 } + 1, message)
    }
}
