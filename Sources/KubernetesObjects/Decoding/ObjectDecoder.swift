public import PolicyModel

/// From one raw object to the model, with the API server's defaults and
/// validation.
///
/// What is wrong is reported, and read so that no more is allowed than the
/// object could have meant; see each kind's reader.
public struct ObjectDecoder: Sendable {
    /// Whether a pod's annotation `sluice.dev/cgroup` counts. Only for files:
    /// who writes pods to the API must not choose the cgroup that is enforced.
    public var honoursCgroupAnnotation: Bool

    /// Whether a field that Sluice does not know, in a part of a policy where its
    /// absence would allow more, is an error and not a warning. For the API, whose
    /// server takes misspelt fields out before it stores an object: one that is
    /// left is of a newer version of the API and narrows the rule in a way that
    /// is not understood.
    public var refusesUnknownFields: Bool

    public init(honoursCgroupAnnotation: Bool = false, refusesUnknownFields: Bool = false) {
        self.honoursCgroupAnnotation = honoursCgroupAnnotation
        self.refusesUnknownFields = refusesUnknownFields
    }

    /// - Parameters:
    ///   - value: an object as the API has it, with `kind`, `apiVersion` and
    ///     `metadata.name`.
    ///   - origin: the file's name, for diagnostics; empty for the API. Lines
    ///     are added to it where `value` knows them.
    /// - Returns: The object, or nil if it is none that Sluice reads, and all
    ///   that is to be said about it.
    public func decode(
        _ value: JSONValue, origin: String = ""
    ) -> (object: ClusterObject?, diagnostics: [Diagnostic]) {
        let problems = Problems(origin: origin, refusesUnknownFields: refusesUnknownFields)
        let object = read(Field(value, problems: problems))
        return (object, problems.diagnostics)
    }

    /// - Parameters:
    ///   - value: an object whose kind is known from where it was found; lists
    ///     of the API do not repeat it in their items.
    public func decode(
        _ value: JSONValue, as kind: ObjectReference.Kind
    ) -> (object: ClusterObject?, diagnostics: [Diagnostic]) {
        let problems = Problems(origin: "", refusesUnknownFields: refusesUnknownFields)
        problems.object = kind.rawValue
        let object = read(Field(value, problems: problems), as: APIKind(kind))
        return (object, problems.diagnostics)
    }

    private func read(_ root: Field) -> ClusterObject? {
        guard case .object = root.value else {
            root.error("is \(root.value?.kindName ?? "null"), not a Kubernetes object")
            return nil
        }
        guard let kindName = required(root["kind"]), let version = required(root["apiVersion"]) else {
            return nil
        }
        root.problems.object = kindName
        guard let kind = APIKind(kind: kindName, apiVersion: version) else {
            reportUnread(kindName, version, root)
            return nil
        }
        return read(root, as: kind)
    }

    private func read(_ root: Field, as kind: APIKind) -> ClusterObject? {
        guard let metadata = Metadata(root["metadata"], isNamespaced: kind.isNamespaced) else { return nil }
        return switch kind {
        case .namespace: .namespace(namespace(metadata))
        case .node: .node(node(root, metadata))
        case .pod:
            .pod(pod(root, metadata, honoursCgroupAnnotation: honoursCgroupAnnotation))
        case .service: .service(service(root, metadata))
        case .endpointSlice: endpointSlice(root, metadata).map(ClusterObject.endpointSlice)
        case .runtimeClass: .runtimeClass(runtimeClass(root, metadata))
        case .networkPolicy: .networkPolicy(networkPolicy(root, metadata))
        case .clusterNetworkPolicy: .clusterNetworkPolicy(clusterNetworkPolicy(root, metadata))
        case .adminNetworkPolicy: .clusterNetworkPolicy(adminNetworkPolicy(root, metadata))
        case .baselineAdminNetworkPolicy: .clusterNetworkPolicy(baselineAdminNetworkPolicy(root, metadata))
        }
    }

    private func required(_ field: Field) -> String? {
        if field.isAbsent { field.error("is missing") }
        guard let text = field.string() else { return nil }
        if text.isEmpty { field.error("is empty") }
        return text.isEmpty ? nil : text
    }

    private func reportUnread(_ kind: String, _ version: String, _ root: Field) {
        if case .string(let name) = root.value(at: "metadata", "name") {
            root.problems.object = "\(kind) \(name.prefix(253))"
        }
        guard !APIKind.isHarmless(kind: kind, apiVersion: version) else { return }
        root["kind"].warning("\(kind) of \(version) is not something Sluice reads; ignored")
    }
}

extension Field {
    /// A value below this one without any report.
    fileprivate func value(at outer: String, _ inner: String) -> JSONValue? {
        guard case .object(let object) = value, case .object(let below) = object[outer] else { return nil }
        return below[inner]
    }
}
