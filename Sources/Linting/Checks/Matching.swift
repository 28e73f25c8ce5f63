import PolicyCompiler
import PolicyModel

/// Rules and peers that match nothing, or are never asked.
extension LintContext {
    mutating func ruleNeverMatches() -> [Finding] {
        var findings = unreachable() + baselineNeverAsked()
        for policy in inventory.policies where policy.isolates.contains(.egress) {
            for rule in policy.rules {
                findings += report(
                    policy.reference, rule.index,
                    (rule.peers ?? []).enumerated().map { place, peer in
                        let field = "\(rule.place.peersPath)[\(place)]"
                        return switch peer {
                        case .block(let block): (field, emptiness(of: block) ?? guarded(block, rule, policy))
                        case .pods: (field, peer.selection(of: policy).flatMap { emptiness(of: $0) })
                        }
                    })
            }
        }
        for policy in clusterPolicies {
            for rule in policy.rules {
                findings += report(
                    policy.reference, rule.index,
                    (rule.peers ?? []).enumerated().map { place, peer in
                        let field = rule.field(ofPeer: place)
                        return switch peer {
                        case .pods(let selection): (field, emptiness(of: selection))
                        case .nodes(let selector): (field, emptiness(ofNodes: selector))
                        case .network, .domains: (field, nil)
                        }
                    })
            }
        }
        return findings
    }

    /// Why something matches nothing, and what to do.
    struct NoMatchReason {
        var severity = Finding.Severity.warning
        var reason: String
        var suggestion: String
    }

    private func report(
        _ policy: ObjectReference, _ rule: Int, _ peers: [(field: String, empty: NoMatchReason?)]
    ) -> [Finding] {
        let empty = peers.compactMap { peer in peer.empty.map { (peer.field, $0) } }
        let isWhole = empty.count == peers.count && peers.count > 1 && empty.allSatisfy { $0.1.severity == .warning }
        return empty.map { field, empty in
            Finding(
                empty.severity, .ruleNeverMatches, policy, field: field,
                empty.reason + (isWhole ? "; as no other peer of the rule matches anything, it matches nothing" : ""),
                suggestion: empty.suggestion)
        }
    }

    private mutating func emptiness(of selection: PodSelection) -> NoMatchReason? {
        if let contradiction = selection.contradiction {
            return NoMatchReason(
                reason: "no labels can be so: \(contradiction)",
                suggestion: "two peers of the rule mean either; two requirements of one selector mean both")
        }
        // Without any pod nothing can be said about which are missing.
        guard !inventory.kinds.isEmpty else { return nil }
        if selections.namespaces(selection.namespaces).isEmpty {
            return NoMatchReason(
                reason: "no namespace matches \(selection.namespaces)",
                suggestion: "compare it with kubectl get namespaces --show-labels")
        }
        let kinds = selections.kinds(selection)
        if kinds.isEmpty {
            return NoMatchReason(
                reason: "there are no \(selection.text)",
                suggestion: "correct the labels; if such pods are yet to come, all is well")
        }
        guard kinds.allSatisfy({ inventory.kinds[$0].key.hostNetwork }) else { return nil }
        return NoMatchReason(
            reason: "all \(selection.text) are on the host's network, and no selector means those: "
                + kinds.map { inventory.kinds[$0] }.text,
            suggestion: "name the nodes' addresses by an ipBlock instead")
    }

    private func emptiness(ofNodes selector: LabelSelector) -> NoMatchReason? {
        if let contradiction = selector.contradiction {
            return NoMatchReason(reason: "no labels can be so: \(contradiction)", suggestion: "")
        }
        guard !inventory.nodes.isEmpty, !inventory.nodes.contains(where: { selector.matches($0.labels) }) else {
            return nil
        }
        return NoMatchReason(
            reason: "no node matches \(selector)", suggestion: "compare it with kubectl get nodes --show-labels")
    }

    private func emptiness(of block: IPBlock) -> NoMatchReason? {
        guard block.except.leavesNothing(of: block.prefix) else { return nil }
        return NoMatchReason(
            reason: "the block \(block.prefix) is empty: its excepts take all of it away",
            suggestion: "narrow the excepts, or remove the peer")
    }

    /// Tier Baseline is asked only about pods that no NetworkPolicy isolates.
    private mutating func baselineNeverAsked() -> [Finding] {
        var findings: [Finding] = []
        for policy in clusterPolicies where policy.tier == .baseline && !policy.rules.isEmpty {
            let kinds = selections.kinds(policy.subject).filter { !inventory.kinds[$0].key.hostNetwork }
            guard !kinds.isEmpty,
                kinds.allSatisfy({ review.policies(of: sets[$0]).contains { $0.kind == .networkPolicy } })
            else { continue }
            findings.append(
                Finding(
                    .info, .ruleNeverMatches, policy.reference, field: "spec.egress",
                    "none of the rules is asked now: NetworkPolicies isolate all the pods that it is about: "
                        + kinds.map { inventory.kinds[$0] }.text,
                    suggestion: "nothing, if it is there for pods to come; else use tier Admin"))
        }
        return findings
    }
}

extension [Prefix] {
    /// Whether these blocks together cover the prefix.
    fileprivate func leavesNothing(of prefix: Prefix) -> Bool {
        if contains(where: { $0.contains(prefix) }) { return true }
        let inside = filter { prefix.contains($0) }
        guard !inside.isEmpty, prefix.length < 128 else { return false }
        let half = prefix.length + 1
        var bytes = prefix.address.bytes
        bytes[prefix.length / 8] |= 0x80 >> UInt8(prefix.length % 8)
        guard let upper = IPAddress(bytes: bytes) else { return false }
        return inside.leavesNothing(of: Prefix(prefix.address, length: half))
            && inside.leavesNothing(of: Prefix(upper, length: half))
    }
}
