public import PolicyModel

/// Reads a page of a list as an API server sends it (meta/v1 `List`), for
/// instance a `PodList`. Items are decoded one by one; what no decoder asks for
/// is never held.
public struct ListReader: Sendable {
    private let kind: ObjectReference.Kind
    private let limits: TextLimits
    private let items: Projection
    private let decoder = ObjectDecoder(refusesUnknownFields: true)

    /// - Parameters:
    ///   - kind: of the items.
    ///   - limits: for the page; `values` is the number of values kept of one item.
    public init(_ kind: ObjectReference.Kind, limits: TextLimits = TextLimits()) {
        self.kind = kind
        self.limits = limits
        items = kind.answerProjection
    }

    /// - Parameter item: is called with each object in the list's order, also if
    ///   the text turns out to be broken after it.
    /// - Throws: `TextError` unless the text is a whole list of this kind.
    public func read(_ bytes: [UInt8], item: (APIObject) -> Void) throws(TextError) -> ListPage {
        guard bytes.count <= limits.bytes else {
            throw TextError("is \(bytes.count) bytes long; the limit is \(limits.bytes)")
        }
        let list = try bytes.withUnsafeBufferPointer { buffer throws(TextError) in
            var reader = JSONReader(buffer, limits: limits)
            return try reader.readList(items: items) { value in
                item(APIObject(value, kind: kind, decoder: decoder))
            }
        }
        return try page(list)
    }

    /// An answer that is no such list must not pass for an empty one.
    private func page(_ list: JSONValue) throws(TextError) -> ListPage {
        guard let kindName = list["kind"]?.text, kindName == "\(kind.rawValue)List" else {
            throw TextError("is not a \(kind.rawValue)List but \(list["kind"]?.text ?? "something without a kind")")
        }
        guard let items = list["items"], items == .null || items == .array([]) else {
            throw TextError("is a \(kindName) without items")
        }
        let metadata = list["metadata"]
        guard let version = metadata?["resourceVersion"]?.text, !version.isEmpty else {
            throw TextError("is a \(kindName) without metadata.resourceVersion")
        }
        return ListPage(resourceVersion: version, continueToken: metadata?["continue"]?.text ?? "")
    }
}

/// What a page says of the list as a whole (meta/v1 `ListMeta`).
public struct ListPage: Hashable, Sendable {
    public var resourceVersion: String
    /// Asks for the next page; empty on the last.
    public var continueToken: String

    public init(resourceVersion: String, continueToken: String = "") {
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
    }
}

extension JSONReader {
    private static let list: Projection = [
        "kind": .all, "metadata": ["resourceVersion": .all, "continue": .all], "items": .all,
    ]

    /// - Returns: The list with its items taken out.
    mutating func readList(items: Projection, item: (JSONValue) -> Void) throws(TextError) -> JSONValue {
        var list = JSONObject()
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw unexpected("a list object") }
        try eachMember { reader throws(TextError) in
            guard let (key, below) = try reader.key(of: Self.list) else { return try reader.skipValue() }
            guard key == "items", reader.peek == UInt8(ascii: "[") else {
                return list.insert(key, try reader.value(below))
            }
            guard list["items"] == nil else { throw reader.error("items are given twice") }
            list.insert(key, .array([]))
            try reader.eachElement { reader throws(TextError) in
                reader.values = 0
                item(try reader.value(items))
            }
        }
        try end()
        return .object(list)
    }
}
