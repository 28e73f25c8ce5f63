import PolicyModel

/// Reads the rules of the administrators' policies; the kinds differ in the
/// words for actions and in how ports are written.
struct ClusterRuleReader {
    let actions: [String: TierPolicyRule.Action]
    /// The field that narrows a rule to ports.
    let portsField: String
    /// The most rules, and the most entries of a list, that the API server takes.
    let limit: Int
    /// Whether it is understood where the policy stands and whom it is about.
    let isPlaced: Bool
    /// Whether the tier is Admin, as domain names are for no other (network-policy-api#366).
    let takesNames: Bool
    /// Reads an entry of that field; reports what is wrong with it.
    let readPorts: (Field) -> [PolicyPort]

    /// The rules of every decoded direction.
    ///
    /// - Parameter spec: the policy's `spec`.
    func rules(_ spec: Field) -> [TierPolicyRule] {
        Direction.decoded.flatMap { rules(spec[$0.rulesField], $0) }
    }

    private func rules(_ field: Field, _ direction: Direction) -> [TierPolicyRule] {
        if field.isAbsent { return [] }
        guard let entries = field.elements() else { return [denial(RulePlace(direction, 0), "")] }
        field.warnOfLength(entries.count, limit)
        return entries.enumerated().compactMap { index, entry in rule(entry, RulePlace(direction, index)) }
    }

    /// - Returns: Nil for a rule that matches nothing as it is not understood.
    private func rule(_ field: Field, _ place: RulePlace) -> TierPolicyRule? {
        if field.isAbsent { field.error("is null, not a rule") }
        let name = field["name"].string() ?? ""
        if name.utf8.count > 100 { field["name"].warning("is longer than the 100 characters that the API allows") }
        guard let action = action(field["action"]) else { return denial(place, name) }
        let read =
            field.withoutErrors { () -> TierPolicyRule? in
                field.refuseUnknown(otherThan: ["name", "action", place.direction.peersField, portsField])
                let ports = ports(field[portsField])
                guard let peers = peers(field[place.direction.peersField], of: action) else { return nil }
                if ports?.contains(where: \.isNamed) == true && !peers.allSatisfy(\.hasNamedPorts) {
                    field[portsField].error(
                        "holds a port's name, which only pods have; put nodes, networks and domain names into a rule of their own"
                    )
                }
                return TierPolicyRule(
                    place.direction, index: place.index, name: name, action: action, peers: peers, ports: ports)
            } ?? nil
        switch action {
        case .accept: return isPlaced ? read : nil
        case .deny: return read ?? denial(place, name)
        case .pass: return isPlaced ? read ?? denial(place, name) : denial(place, name)
        }
    }

    /// What a rule that is not understood comes to, where it cannot be left out.
    private func denial(_ place: RulePlace, _ name: String) -> TierPolicyRule {
        TierPolicyRule(place.direction, index: place.index, name: name, action: .deny, peers: nil)
    }

    private func action(_ field: Field) -> TierPolicyRule.Action? {
        if field.isAbsent { field.error("is missing; the rule denies everything") }
        guard let name = field.string() else { return nil }
        guard let known = actions[name] else {
            let words = actions.keys.sorted().joined(separator: ", ")
            field.error("\(field.quoted(name)) is not one of \(words); the rule denies everything")
            return nil
        }
        return known
    }

    private func ports(_ field: Field) -> [PolicyPort]? {
        guard let entries = field.elements() else { return nil }
        if entries.isEmpty { field.error("is empty; leave it out to mean every protocol") }
        field.warnOfLength(entries.count, limit)
        return entries.flatMap(readPorts)
    }

    // MARK: Peers

    /// - Returns: Nil if one of them is not understood: the others then do not count either.
    private func peers(_ field: Field, of action: TierPolicyRule.Action) -> [ClusterPeer]? {
        let entries = field.elements() ?? []
        if entries.isEmpty { field.error("must hold at least one peer") }
        field.warnOfLength(entries.count, limit)
        let read = entries.map { peer($0, of: action) }
        return read.contains { $0 == nil } ? nil : read.flatMap { $0 ?? [] }
    }

    private func peer(_ field: Field, of action: TierPolicyRule.Action) -> [ClusterPeer]? {
        let known = ["namespaces", "pods", "nodes", "networks", "domainNames"]
        switch field.onlyField(among: known, as: "a peer") {
        case "namespaces": return [.pods(PodSelection(namespaces: strictSelector(field["namespaces"])))]
        case "pods": return [.pods(namespacedPods(field["pods"]))]
        case "nodes": return [.nodes(strictSelector(field["nodes"]))]
        case "networks": return networks(field["networks"])
        case "domainNames": return domains(field["domainNames"], action).map { [.domains($0)] }
        default: return nil
        }
    }

    /// - Returns: Nil, with an error, for a rule that does not accept: who is denied a
    ///   name may still be told its address under another. So for one of tier Baseline.
    private func domains(_ field: Field, _ action: TierPolicyRule.Action) -> [DomainPattern]? {
        guard action == .accept else {
            field.error("are for Accept rules alone; the rule denies everything")
            return nil
        }
        guard takesNames else {
            field.error("are for tier Admin alone, which the API server insists on too; the rule matches nothing")
            return nil
        }
        let entries = field.elements() ?? []
        if entries.isEmpty { field.error("must hold at least one domain name") }
        field.warnOfLength(entries.count, 25)
        let read = entries.compactMap(domain)
        let patterns = Set(read).sorted()
        if patterns.count < read.count { field.warning("holds a name twice, which the API server refuses") }
        return patterns
    }

    private func domain(_ field: Field) -> DomainPattern? {
        if field.isAbsent { field.error("is null, not a domain name") }
        guard let text = field.string() else { return nil }
        guard let pattern = DomainPattern(text) else {
            let isOther = !text.utf8.allSatisfy { $0 < 0x80 }
            field.error(
                "\(field.quoted(text)) is not a domain name; "
                    + (isOther
                        ? "write it in Punycode, xn--…"
                        : "write api.example.com, or *.example.com for all names below it"))
            return nil
        }
        return pattern
    }

    private func networks(_ field: Field) -> [ClusterPeer] {
        let entries = field.elements() ?? []
        if entries.isEmpty { field.error("must hold at least one CIDR block") }
        field.warnOfLength(entries.count, 25)
        return entries.compactMap { entry in
            if entry.isAbsent { entry.error("is null, not a CIDR block") }
            return cidr(entry).map(ClusterPeer.network)
        }
    }
}

extension ClusterPeer {
    fileprivate var hasNamedPorts: Bool { if case .pods = self { true } else { false } }
}

extension PolicyPort {
    fileprivate var isNamed: Bool { if case .named = number { true } else { false } }
}
