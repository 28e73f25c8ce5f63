import PolicyModel

/// Domain names, of which NetworkPolicy knows nothing.
extension LearnedPolicy {
    /// No other policy's: neither a namespace nor a learned policy has a dot in its name.
    func nameOfNames(_ index: Int) -> String {
        "\(key.namespace).\(key.name)" + (index > 0 ? "-\(index + 1)" : "")
    }

    var nameDocuments: [String] {
        names.enumerated().map { index, names in
            var text = YAMLText()
            text.comment(
                0,
                "What NetworkPolicy \(key) has no words for; it keeps the pods from the rest. Tier Admin, as "
                    + "no other opens what a NetworkPolicy isolates.")
            text.add(0, "apiVersion: policy.networking.k8s.io/v1alpha2")
            text.add(0, "kind: ClusterNetworkPolicy")
            text.add(0, "metadata:")
            text.add(1, "name: \(YAMLText.scalar(nameOfNames(index)))")
            text.add(0, "spec:")
            text.add(1, "tier: Admin")
            text.add(1, "priority: \(names.priority)")
            text.add(1, "subject:")
            text.add(2, "pods:")
            text.selector(3, "namespaceSelector", ["kubernetes.io/metadata.name": key.namespace])
            text.selector(3, "podSelector", podSelector)
            text.add(1, "egress:")
            for rule in names.rules { text.rule(rule) }
            return text.lines.joined(separator: "\n") + "\n"
        }
    }
}

extension YAMLText {
    fileprivate mutating func rule(_ rule: LearnedNameRule) {
        add(1, "- action: Accept")
        add(2, "to:")
        for peer in rule.peers {
            add(2, "- domainNames:")
            for entry in peer { add(3, "- \(Self.scalar(entry.pattern.description))", comment: entry.comment) }
        }
        add(2, "protocols:")
        for port in rule.ports {
            add(2, "- \(port.protocol.name.lowercased()):")
            add(4, "destinationPort:")
            add(5, "number: \(port.number)", comment: WellKnownPorts.name(port))
        }
    }
}
