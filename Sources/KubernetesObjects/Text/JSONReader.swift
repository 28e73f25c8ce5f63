/// Reads JSON (RFC 8259), one value or several in a row, with or without YAML's
/// `---` between them, as kubectl takes them.
///
/// Unlike the standard decoders it knows lines, finds keys given twice, bounds
/// depth and size, and keeps no more than a projection asks for. What it reads
/// past must be JSON too, but takes no memory and counts towards no limit but
/// depth.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let limits: TextLimits
    var position = 0
    var line = 1
    var lineStart = 0
    var values = 0
    private var depth = 0

    /// - Parameter bytes: must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: TextLimits = TextLimits()) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The values of the text and the line of each.
    mutating func readAll() throws(TextError) -> [(line: Int, value: JSONValue)] {
        var documents: [(line: Int, value: JSONValue)] = []
        skipSpace()
        while position < bytes.count {
            let line = line
            documents.append((line, try value(.all)))
            skipSpace()
            if bytes[position...].starts(with: "---".utf8) {
                position += 3
                skipSpace()
            }
        }
        return documents
    }

    /// The one value of the text.
    mutating func readOne(_ projection: Projection) throws(TextError) -> JSONValue {
        skipSpace()
        let value = try value(projection)
        try end()
        return value
    }

    mutating func value(_ projection: Projection) throws(TextError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw error("holds more than \(limits.values) values") }
        switch peek {
        case UInt8(ascii: "{"): return .object(try object(projection))
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try eachElement { reader throws(TextError) in elements.append(try reader.value(projection)) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: return try word()
        }
    }

    private mutating func object(_ projection: Projection) throws(TextError) -> JSONObject {
        var object = JSONObject(line: line)
        try eachMember { reader throws(TextError) in
            guard let (key, below) = try reader.key(of: projection) else { return try reader.skipValue() }
            object.insert(key, try reader.value(below))
        }
        return object
    }

    /// Calls `member` at each key of the object that begins here.
    @inline(__always)
    mutating func eachMember(
        _ member: (inout JSONReader) throws(TextError) -> Void
    ) throws(TextError) {
        try descend()
        if consume(UInt8(ascii: "}")) { return ascend() }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            try member(&self)
            skipSpace()
            if consume(UInt8(ascii: "}")) { return ascend() }
            guard consume(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
            skipSpace()
        }
    }

    /// Calls `element` at each value of the list that begins here.
    @inline(__always)
    mutating func eachElement(
        _ element: (inout JSONReader) throws(TextError) -> Void
    ) throws(TextError) {
        try descend()
        if consume(UInt8(ascii: "]")) { return ascend() }
        while true {
            try element(&self)
            skipSpace()
            if consume(UInt8(ascii: "]")) { return ascend() }
            guard consume(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
            skipSpace()
        }
    }

    @inline(__always)
    private mutating func descend() throws(TextError) {
        depth += 1
        guard depth <= limits.depth else { throw error("nests deeper than \(limits.depth) levels") }
        position += 1
        skipSpace()
    }

    private mutating func ascend() {
        depth -= 1
    }

    /// Nothing but space may follow.
    mutating func end() throws(TextError) {
        skipSpace()
        guard position == bytes.count else { throw unexpected("the end") }
    }
}
