extension JSONReader {
    /// Reads a key and the colon after it.
    ///
    /// - Returns: The key and what to keep of its value; nil if it is not kept.
    mutating func key(of projection: Projection) throws(TextError) -> (String, Projection)? {
        let start = position + 1
        guard let entries = projection.entries else {
            let key = try string()
            try colon()
            return (key, .all)
        }
        position = start
        skipPlainText()
        if peek == UInt8(ascii: "\"") {
            let length = position - start
            position += 1
            try colon()
            for entry in entries where entry.name.utf8CodeUnitCount == length && holds(entry.name, at: start) {
                return (entry.key, entry.below)
            }
            return nil
        }
        position = start - 1
        let key = try string()
        try colon()
        return entries.first { $0.key == key }.map { ($0.key, $0.below) }
    }

    /// Reads past a value, which must be JSON all the same.
    mutating func skipValue() throws(TextError) {
        switch peek {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"):
            try eachMember { reader throws(TextError) in
                try reader.skipString()
                try reader.colon()
                try reader.skipValue()
            }
        case UInt8(ascii: "["):
            try eachElement { reader throws(TextError) in try reader.skipValue() }
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): _ = try skipNumber()
        default: _ = try word()
        }
    }

    @inline(__always)
    private mutating func skipString() throws(TextError) {
        position += 1
        skipPlainText()
        if consume(UInt8(ascii: "\"")) { return }
        try eachPart { _, _ in
        } scalar: { _ in
        }
    }

    @inline(__always)
    private mutating func colon() throws(TextError) {
        skipSpace()
        guard consume(UInt8(ascii: ":")) else { throw unexpected("':'") }
        skipSpace()
    }
}
