/// Cuts a stream of bytes into lines.
struct LineSplitter {
    /// What came after the last line break.
    private(set) var rest: [UInt8] = []

    /// - Returns: The lines that end in the piece, without their ends; empty
    ///   ones are left out.
    mutating func append(_ piece: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = piece.startIndex
        while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            rest += piece[start..<end]
            if !rest.isEmpty { lines.append(rest) }
            rest = []
            start = end + 1
        }
        rest += piece[start...]
        return lines
    }
}
