import PolicyModel

extension LearnedPolicy {
    /// Documents that kubectl takes, with comments: whoever applies them in order opens before closing.
    public var yaml: String {
        (nameDocuments + [document]).joined(separator: "---\n")
    }

    private var document: String {
        var text = YAMLText()
        for comment in comments { text.comment(0, comment) }
        if !names.isEmpty {
            let listed = names.indices.map(nameOfNames).joined(separator: ", ")
            text.comment(0, "The domain names are in ClusterNetworkPolicy \(listed): they belong together.")
        }
        text.add(0, "apiVersion: networking.k8s.io/v1")
        text.add(0, "kind: NetworkPolicy")
        text.add(0, "metadata:")
        text.add(1, "name: \(YAMLText.scalar(key.name))")
        text.add(1, "namespace: \(YAMLText.scalar(key.namespace))")
        text.add(0, "spec:")
        text.selector(1, "podSelector", podSelector)
        text.add(1, "policyTypes:")
        text.add(1, "- Egress")
        if rules.isEmpty {
            text.add(1, "egress: []")
        } else {
            text.add(1, "egress:")
            for rule in rules { text.rule(rule, in: key.namespace) }
        }
        if !notes.isEmpty { text.comment(1, "Not allowed, but seen:") }
        for note in notes { text.comment(1, note, item: true) }
        return text.lines.joined(separator: "\n") + "\n"
    }
}

extension YAMLText {
    mutating func selector(_ depth: Int, _ name: String, _ labels: Labels, first: Bool = false) {
        let start = first ? "- " : ""
        if labels.isEmpty { return add(depth, "\(start)\(name): {}") }
        add(depth, "\(start)\(name):")
        let inner = first ? depth + 1 : depth
        add(inner + 1, "matchLabels:")
        self.labels(inner + 2, labels)
    }

    fileprivate mutating func rule(_ rule: LearnedRule, in namespace: String) {
        for line in rule.comments { comment(1, line) }
        add(1, "- to:")
        for peer in rule.peers { self.peer(peer, in: namespace, comment: rule.comment(on: peer)) }
        add(2, "ports:")
        for port in rule.ports {
            add(2, "- protocol: \(port.protocol.name)")
            if let name = port.name {
                add(3, "port: \(Self.scalar(name))", comment: String(port.number))
            } else {
                add(3, "port: \(port.number)", comment: WellKnownPorts.name(port))
            }
        }
    }

    private mutating func peer(_ peer: LearnedPeer, in namespace: String, comment: String?) {
        switch peer {
        case .dns: self.pods(ClusterDNS.labels, in: ClusterDNS.service.namespace)
        case .pods(let other, let labels) where other == namespace:
            selector(2, "podSelector", labels, first: true)
        case .pods(let other, let labels): self.pods(labels, in: other)
        case .block(let block):
            if let comment { self.comment(2, comment) }
            add(2, "- ipBlock:")
            add(4, "cidr: \(Self.scalar(block.prefix.description))")
            guard !block.except.isEmpty else { return }
            add(4, "except:")
            for hole in block.except { add(4, "- \(Self.scalar(hole.description))") }
        }
    }

    private mutating func pods(_ labels: Labels, in namespace: String) {
        selector(2, "namespaceSelector", ["kubernetes.io/metadata.name": namespace], first: true)
        selector(3, "podSelector", labels)
    }
}

extension LearnedRule {
    fileprivate func comment(on peer: LearnedPeer) -> String? {
        if case .block(let block) = peer { blockComments[block] } else { nil }
    }
}
