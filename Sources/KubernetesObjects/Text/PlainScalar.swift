/// The type of an unquoted YAML scalar: the core schema (YAML 1.2.2, 10.3), and
/// with it what kubectl's YAML 1.1 reader makes of `yes`, `on` and `0777`, so
/// that a file means the same to both.
enum PlainScalar {
    static let mapTag = "tag:yaml.org,2002:map"
    static let sequenceTag = "tag:yaml.org,2002:seq"

    static func value(of text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    /// - Returns: Nil for a tag that JSON knows nothing of, or a text that does
    ///   not fit it.
    static func value(of text: String, tag: String) -> JSONValue? {
        let value = value(of: text)
        switch (tag, value) {
        case ("!", _), ("tag:yaml.org,2002:str", _): return .string(text)
        case ("tag:yaml.org,2002:null", .null), ("tag:yaml.org,2002:bool", .bool),
            ("tag:yaml.org,2002:int", .int), ("tag:yaml.org,2002:float", .double):
            return value
        case ("tag:yaml.org,2002:float", .int(let number)): return .double(Double(number))
        default: return nil
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first,
            (48...57).contains(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "-")
                || first == UInt8(ascii: ".")
        else { return nil }
        let negative = first == UInt8(ascii: "-")
        let digits = negative || first == UInt8(ascii: "+") ? text.dropFirst() : text[...]
        if let number = integer(digits, negative: negative) { return .int(number) }
        switch digits {
        case ".inf", ".Inf", ".INF": return .double(negative ? -.infinity : .infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        // Double takes `0x1p3` and `inf` too, which are strings here.
        guard digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }),
            digits.utf8.contains(where: { (48...57).contains($0) }),
            digits.utf8.first != UInt8(ascii: "+"), digits.utf8.first != UInt8(ascii: "-"),
            let number = Double(digits)
        else { return nil }
        return .double(negative ? -number : number)
    }

    private static func integer(_ digits: Substring, negative: Bool) -> Int64? {
        var radix = 10
        var digits = digits
        if digits.hasPrefix("0x") {
            (radix, digits) = (16, digits.dropFirst(2))
        } else if digits.hasPrefix("0o") {
            (radix, digits) = (8, digits.dropFirst(2))
        } else if digits.utf8.count > 1, digits.utf8.first == UInt8(ascii: "0") {
            (radix, digits) = (8, digits.dropFirst(1))
        }
        guard let first = digits.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else {
            return nil
        }
        return Int64(negative ? "-\(digits)" : String(digits), radix: radix)
    }
}
