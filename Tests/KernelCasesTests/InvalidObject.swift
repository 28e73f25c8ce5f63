import FoundationEssentials

/// An object that the API server refuses.
struct InvalidObject {
    let id: String
    /// The file it came in, as a manifest of this object alone.
    let manifest: [UInt8]
    /// Where it may deny; everywhere else nothing changes.
    let namespace: String

    private struct Record: Decodable {
        struct Object: Decodable {
            struct Metadata: Decodable { var namespace: String? }
            var metadata: Metadata
        }
        var id: String
        var object: Object
    }

    init(_ file: [UInt8]) throws {
        let record = try JSONDecoder().decode(Record.self, from: Data(file))
        id = record.id
        namespace = record.object.metadata.namespace ?? "default"
        manifest = try Self.objectAlone(file)
    }

    /// `{"objects": [the object]}`, its text untouched.
    private static func objectAlone(_ file: [UInt8]) throws -> [UInt8] {
        let text = String(decoding: file, as: UTF8.self)
        guard let start = text.firstRange(of: "\"object\":")?.upperBound,
            let end = text.lastIndex(of: "}")
        else { throw CocoaError(.fileReadCorruptFile) }
        return Array("{\"objects\":[\(text[start..<end])]}".utf8)
    }
}
