import PolicyModel

extension JSONValue {
    /// Why a document may be the beginning of one that is written at this moment, whose rest would name an object
    /// or say what a policy is about; nil if it is whole, or of a kind of its own.
    ///
    /// - Parameter object: what was read from it.
    func whyCut(_ object: ClusterObject?) -> String? {
        guard case .object(let fields) = self else { return "it is \(kindName)" }
        guard let kind = text(fields["kind"]) else { return "kind is missing" }
        guard let version = text(fields["apiVersion"]) else { return "apiVersion is missing" }
        if APIKind.isBeginning(kind: kind, apiVersion: version) {
            return "\(kind) of \(version) is the beginning of a kind that is read"
        }
        guard APIKind(kind: kind, apiVersion: version) != nil else { return nil }
        guard case .object(let metadata)? = fields["metadata"], text(metadata["name"]) != nil else {
            return "metadata.name is missing"
        }
        switch object {
        case .networkPolicy, .clusterNetworkPolicy: return fields["spec"] == nil ? "spec is missing" : nil
        default: return nil
        }
    }

    private func text(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value, !text.isEmpty else { return nil }
        return text
    }
}
