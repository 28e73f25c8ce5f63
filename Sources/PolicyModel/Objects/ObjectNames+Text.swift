extension NamespacedName: LosslessStringConvertible {
    /// Reads `namespace/name`, neither of them empty.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(String(parts[0]), String(parts[1]))
    }
}

extension ObjectReference: LosslessStringConvertible {
    /// Reads the kind and the name as `description` writes them: `NetworkPolicy shop/web`,
    /// `ClusterNetworkPolicy metadata`.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, let kind = Kind(rawValue: String(words[0])), !words[1].isEmpty else { return nil }
        if let key = NamespacedName(String(words[1])) {
            self.init(kind, key)
        } else {
            self.init(kind, "", String(words[1]))
        }
    }

    /// A policy as reports name it: a NetworkPolicy by `namespace/name` alone.
    public var policyText: String { kind == .networkPolicy ? key.description : description }

    /// Reads a policy as `policyText` writes it.
    public init?(policyText: String) {
        if let key = NamespacedName(policyText), !policyText.contains(" ") {
            self.init(.networkPolicy, key)
        } else {
            self.init(policyText)
        }
    }
}
