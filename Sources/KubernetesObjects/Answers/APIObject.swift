public import PolicyModel

/// One object as an API server sent it, and what was made of it.
public struct APIObject: Hashable, Sendable {
    /// Nil where the object cannot be named.
    public var reference: ObjectReference?
    /// `metadata.resourceVersion`; empty where absent.
    public var resourceVersion: String
    /// Nil where it cannot be understood, and where it takes no part in verdicts.
    public var object: ClusterObject?
    public var diagnostics: [Diagnostic]
    /// Of namespaces and policies; nil of all else.
    public var provenance: Provenance?

    /// Whether it is nil because it could not be understood.
    public var isUnreadable: Bool {
        object == nil && (reference == nil || diagnostics.contains { $0.severity == .error })
    }

    public init(
        reference: ObjectReference?, resourceVersion: String = "", object: ClusterObject?,
        diagnostics: [Diagnostic] = [], provenance: Provenance? = nil
    ) {
        self.reference = reference
        self.resourceVersion = resourceVersion
        self.object = object
        self.diagnostics = diagnostics
        self.provenance = provenance
    }

    init(_ value: JSONValue, kind: ObjectReference.Kind, decoder: ObjectDecoder) {
        let (object, diagnostics) = decoder.decode(value, as: kind)
        self.init(
            reference: object?.reference ?? ObjectReference(kind, of: value),
            resourceVersion: value["metadata"]?["resourceVersion"]?.text ?? "", object: object,
            diagnostics: diagnostics,
            provenance: kind.isDecision ? Provenance(of: value) : nil)
    }
}

extension ObjectReference {
    /// - Returns: Nil if the value has no name.
    init?(_ kind: Kind, of value: JSONValue) {
        guard let metadata = value["metadata"], let name = metadata["name"]?.text, !name.isEmpty else {
            return nil
        }
        let given = metadata["namespace"]?.text ?? ""
        let namespace = given.isEmpty ? "default" : given
        self.init(kind, APIKind(kind).isNamespaced ? namespace : "", name)
    }
}

extension JSONValue {
    /// The field of an object; nil of anything else.
    subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}
