/// A JSON value, read from JSON or from the JSON subset of YAML.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number with a fraction or exponent, or one past `Int64`.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What the value is, in words for messages.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A JSON object and where it stood.
public struct JSONObject: Hashable, Sendable {
    public var fields: [String: JSONValue]
    /// The line of the file at which it begins, from 1; 0 if not from a file.
    public var line: Int
    /// Keys that were given more than once. `fields` holds their first value,
    /// but nobody can say which one was meant.
    public var duplicates: [String]

    public init(_ fields: [String: JSONValue] = [:], line: Int = 0, duplicates: [String] = []) {
        self.fields = fields
        self.line = line
        self.duplicates = duplicates
    }

    public subscript(key: String) -> JSONValue? { fields[key] }

    mutating func insert(_ key: String, _ value: JSONValue) {
        if fields[key] == nil {
            fields[key] = value
        } else if !duplicates.contains(key) {
            duplicates.append(key)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object.insert(key, value) }
        self = .object(object)
    }
}
