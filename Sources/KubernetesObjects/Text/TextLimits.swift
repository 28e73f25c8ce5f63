/// What a text may ask of memory and stack before it is refused.
public struct TextLimits: Hashable, Sendable {
    /// Size of one file in bytes.
    public var bytes: Int
    /// Values in one file, YAML aliases counted as often as they are used.
    public var values: Int
    /// Lists and objects inside each other.
    public var depth: Int

    public init(bytes: Int = 64 << 20, values: Int = 8_000_000, depth: Int = 100) {
        self.bytes = bytes
        self.values = values
        self.depth = depth
    }
}

/// A text that is no YAML or JSON, or breaks a limit: none of it can be used.
public struct TextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; 0 where the error is about the file as a whole.
    public var line: Int
    /// From 1, in characters; 0 where unknown.
    public var column: Int
    public var message: String

    public init(line: Int = 0, column: Int = 0, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String {
        line == 0 ? message : "line \(line), column \(column): \(message)"
    }
}
