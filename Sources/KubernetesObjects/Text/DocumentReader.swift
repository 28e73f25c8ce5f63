/// From the bytes of a file to the objects in it, not yet interpreted.
///
/// Takes YAML with any number of documents, JSON with any number of values, and
/// in both lists (`kind: List`, `kind: PodList`, …, with `items`), plain lists
/// and `{"objects": […]}`.
public struct DocumentReader: Sendable {
    /// A raw object and where it stood.
    public struct RawObject: Hashable, Sendable {
        public var value: JSONValue
        /// Which document of the file, from 1.
        public var document: Int
        /// The line at which the object begins, from 1.
        public var line: Int
    }

    public var limits: TextLimits

    public init(limits: TextLimits = TextLimits()) {
        self.limits = limits
    }

    /// - Returns: The objects in the file's order; none for a file of comments.
    /// - Throws: `TextError` if any part of the file is not YAML or JSON, or a
    ///   limit is broken. A file that fails in one place counts as broken as a
    ///   whole, as it may be half written.
    public func read(_ bytes: [UInt8]) throws(TextError) -> [RawObject] {
        var objects: [RawObject] = []
        for (index, document) in try documents(bytes).enumerated() {
            append(
                document.value, RawObject(value: .null, document: index + 1, line: document.line),
                to: &objects, depth: 0)
        }
        return objects
    }

    /// The documents themselves, each with the line at which it begins: for
    /// files that are no manifests.
    public func documents(_ bytes: [UInt8]) throws(TextError) -> [(line: Int, value: JSONValue)] {
        guard bytes.count <= limits.bytes else {
            throw TextError("is \(bytes.count) bytes long; the limit is \(limits.bytes)")
        }
        let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        try checkIsText(bytes)
        guard looksLikeJSON(bytes) else { return try YAMLReader.readAll(bytes, limits: limits) }
        return try bytes.withUnsafeBufferPointer { buffer throws(TextError) in
            var json = JSONReader(buffer, limits: limits)
            return try json.readAll()
        }
    }

    /// `{a: b}` and `[a]` are YAML. What begins `{"` is held to JSON's rules,
    /// as YAML makes sense of many a broken JSON text: `{"a": }` is one.
    private func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let space = [0x20, 0x09, 0x0a, 0x0d] as [UInt8]
        let brackets = [UInt8(ascii: "{"), UInt8(ascii: "[")]
        guard let first = bytes.first(where: { !space.contains($0) }), brackets.contains(first) else {
            return false
        }
        let inner = bytes.first { !space.contains($0) && !brackets.contains($0) }
        return [nil, UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(inner)
    }

    private func checkIsText(_ bytes: [UInt8]) throws(TextError) {
        if let zero = bytes.firstIndex(of: 0) {
            throw TextError(
                line: bytes[..<zero].count { $0 == 0x0a } + 1, column: 1,
                "holds a NUL byte; this is no text file")
        }
        if String(validating: bytes, as: UTF8.self) == nil {
            throw TextError("is not valid UTF-8; this is no text file")
        }
    }

    private func append(
        _ value: JSONValue, _ place: RawObject, to objects: inout [RawObject], depth: Int
    ) {
        var place = place
        if case .object(let object) = value { place.line = object.line }
        guard depth < limits.depth, let contents = contents(of: value) else {
            if value == .null && depth == 0 { return }
            place.value = value
            objects.append(place)
            return
        }
        for element in contents { append(element, place, to: &objects, depth: depth + 1) }
    }

    /// What a list holds; nil if the value is no list.
    private func contents(of value: JSONValue) -> [JSONValue]? {
        switch value {
        case .array(let elements): return elements
        case .object(let object) where object.duplicates.isEmpty:
            guard case .string(let kind) = object["kind"] else {
                if case .array(let elements) = object["objects"] { return elements }
                return nil
            }
            guard kind.hasSuffix("List"), object["spec"] == nil else { return nil }
            switch object["items"] {
            case .array(let items): return items.map { item(of: kind, in: object, $0) }
            case .null: return []
            case nil: return []
            default: return nil
            }
        default: return nil
        }
    }

    /// Lists of one kind, as the API server sends them, name it once for all.
    private func item(of listKind: String, in list: JSONObject, _ item: JSONValue) -> JSONValue {
        guard listKind != "List", case .object(var object) = item else { return item }
        if object["kind"] == nil { object.fields["kind"] = .string(String(listKind.dropLast(4))) }
        if object["apiVersion"] == nil { object.fields["apiVersion"] = list["apiVersion"] }
        return .object(object)
    }
}
