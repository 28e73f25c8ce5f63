public import PolicyModel

/// Reads the lines of a watch (meta/v1 `WatchEvent`).
public struct WatchReader: Sendable {
    private let kind: ObjectReference.Kind
    private let limits: TextLimits
    private let projection: Projection
    private let decoder = ObjectDecoder(refusesUnknownFields: true)

    public init(_ kind: ObjectReference.Kind, limits: TextLimits = TextLimits()) {
        self.kind = kind
        self.limits = limits
        projection = [
            "type": .all, "object": kind.answerProjection.adding(Self.version).adding(Self.status),
        ]
    }

    private static let version: Projection = ["metadata": ["resourceVersion": .all]]
    private static let status: Projection = [
        "code": .all, "reason": .all, "message": .all, "details": ["retryAfterSeconds": .all],
    ]

    /// - Throws: `TextError` if the line is no watch event.
    public func read(_ line: [UInt8]) throws(TextError) -> WatchEvent {
        guard line.count <= limits.bytes else {
            throw TextError("is \(line.count) bytes long; the limit is \(limits.bytes)")
        }
        let event = try line.withUnsafeBufferPointer { buffer throws(TextError) in
            var reader = JSONReader(buffer, limits: limits)
            return try reader.readOne(projection)
        }
        guard let type = event["type"]?.text, let object = event["object"], case .object = object else {
            throw TextError("is not a watch event")
        }
        if type == "ERROR" { return .error(WatchEvent.Status(object)) }
        guard let version = object["metadata"]?["resourceVersion"]?.text, !version.isEmpty else {
            throw TextError("is an event without metadata.resourceVersion")
        }
        switch type {
        case "BOOKMARK": return .bookmark(resourceVersion: version)
        case "ADDED", "MODIFIED": return .changed(APIObject(object, kind: kind, decoder: decoder))
        case "DELETED":
            guard let reference = ObjectReference(kind, of: object) else {
                throw TextError("is about the deletion of an object without a name")
            }
            return .deleted(reference, resourceVersion: version)
        default: throw TextError("is an event of the unknown type \"\(type.prefix(80))\"")
        }
    }
}

/// One line of a watch.
public enum WatchEvent: Hashable, Sendable {
    /// `ADDED` or `MODIFIED`.
    case changed(APIObject)
    case deleted(ObjectReference, resourceVersion: String)
    /// Nothing changed up to here.
    case bookmark(resourceVersion: String)
    case error(Status)

    /// What Sluice reads of a meta/v1 `Status`.
    public struct Status: Hashable, Sendable {
        /// In terms of HTTP; 500 where absent.
        public var code: Int
        public var reason: String
        public var message: String
        /// In seconds.
        public var retryAfter: Int?

        public init(code: Int, reason: String = "", message: String = "", retryAfter: Int? = nil) {
            self.code = code
            self.reason = reason
            self.message = message
            self.retryAfter = retryAfter
        }

        init(_ value: JSONValue) {
            self.init(
                code: value["code"]?.number ?? 500, reason: value["reason"]?.text ?? "",
                message: value["message"]?.text ?? "",
                retryAfter: value["details"]?["retryAfterSeconds"]?.number)
        }
    }
}

extension JSONValue {
    fileprivate var number: Int? {
        if case .int(let number) = self { Int(exactly: number) } else { nil }
    }
}
