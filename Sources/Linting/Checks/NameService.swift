import PolicyCompiler
import PolicyModel
import VerdictTables

/// Isolated pods and the cluster's DNS.
extension Survey {
    /// Where pods send their questions.
    private struct NameService {
        var text: String
        /// The peer that allows it.
        var labels: Labels
        var addresses: [IPAddress]
    }

    /// Kubernetes' node-local DNS cache (docs: tasks/administer-cluster/nodelocaldns).
    private static let nodeLocal = IPAddress(ipv4: 0xa9fe_140a)

    mutating func noDNS() -> [Finding] {
        guard let dns = nameService() else { return [] }
        var findings: [Finding] = []
        for (set, places) in kindsBySet {
            let policies = review.policies(of: set)
            let kinds = places.map { inventory.kinds[$0] }.filter { !$0.key.hostNetwork && !isDNS($0, dns) }
            guard !policies.isEmpty, !kinds.isEmpty else { continue }
            let udp = asks(set, dns.addresses, .udp)
            let tcp = asks(set, dns.addresses, .tcp)
            guard !udp.allowed || !tcp.allowed else { continue }
            findings.append(finding(set, policies, kinds, dns, udp, tcp))
        }
        return findings
    }

    private mutating func finding(
        _ set: PolicySetID, _ policies: [ObjectReference], _ kinds: [PodKind], _ dns: NameService,
        _ udp: (allowed: Bool, cause: Cause?), _ tcp: (allowed: Bool, cause: Cause?)
    ) -> Finding {
        let overUDP = !udp.allowed
        let cause = overUDP ? udp.cause : tcp.cause
        let own = policies.filter { $0.kind == .networkPolicy }
        let culprit = policies.first { [$0.description, $0.key.description].contains(cause?.policy) } ?? own.first ?? policies[0]
        let others = own.filter { $0 != culprit }
        let nodeLocal = overUDP && asks(set, [Self.nodeLocal], .udp).allowed
        let isShut = overUDP && allowsNothing(policies)
        let audit = kinds.allSatisfy { isInAudit($0.key.namespace) }
        let severity: Finding.Severity = isShut || nodeLocal ? .info : .warning
        let protocols = overUDP ? (tcp.allowed ? "over UDP" : "at all") : "over TCP, by which long answers come"
        return Finding(
            severity, .noDNS, culprit, field: "spec.egress",
            "\(kinds.text) cannot ask the cluster's DNS (\(dns.text), port 53) \(protocols)"
                + (cause.map { ": \($0.reason)" } ?? "")
                + (others.isEmpty || cause?.namesAll == true ? "" : "; they are isolated by \(others.text) too")
                + (nodeLocal ? "; the node-local cache at 169.254.20.10 may be asked" : "")
                + (isShut ? "; as they may connect nowhere at all, that may well be meant" : "")
                + (audit ? "; in audit mode it still passes" : ""),
            suggestion: suggestion(dns, udp: overUDP, tcp: !tcp.allowed))
    }

    private func suggestion(_ dns: NameService, udp: Bool, tcp: Bool) -> String {
        let ports = (udp ? ["{port: 53, protocol: UDP}"] : []) + (tcp ? ["{port: 53, protocol: TCP}"] : [])
        let labels = dns.labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "add the egress rule {to: [{namespaceSelector: {matchLabels: {\(PodSelection.nameLabel): kube-system}}, "
            + "podSelector: {matchLabels: {\(labels)}}}], ports: [\(ports.joined(separator: ", "))]}"
    }

    /// The service by its names in distributions, or by the label that its pods have
    /// by custom (kubernetes cluster/addons/dns); without one, those pods.
    private func nameService() -> NameService? {
        let label = ["k8s-app": "kube-dns"]
        let service = inventory.services.first { service in
            service.key.namespace == "kube-system" && !service.addresses.isEmpty
                && (["kube-dns", "coredns"].contains(service.key.name) || service.selector == label)
        }
        if let service {
            return NameService(
                text: "service \(service.key)", labels: service.selector ?? label, addresses: service.addresses)
        }
        let pods = inventory.pods.filter {
            $0.key.namespace == "kube-system" && $0.labels["k8s-app"] == "kube-dns" && !$0.addresses.isEmpty
        }
        guard !pods.isEmpty else { return nil }
        return NameService(
            text: podsText(pods.count, example: pods.map(\.key).min().map { "\($0)" } ?? ""), labels: label,
            addresses: pods.flatMap(\.addresses))
    }

    /// Who answers asks elsewhere.
    private func isDNS(_ kind: PodKind, _ dns: NameService) -> Bool {
        kind.key.namespace == "kube-system" && LabelSelector(matchLabels: dns.labels).matches(kind.example.labels)
    }

    /// Whether one of the addresses may be asked, and if not why the first may not.
    private mutating func asks(
        _ set: PolicySetID, _ addresses: [IPAddress], _ protocol: TransportProtocol
    ) -> (allowed: Bool, cause: Cause?) {
        var cause: Cause?
        for address in addresses {
            let verdict = review.judge(set, to: address, protocol: `protocol`, port: 53)
            if verdict.action == .allow || verdict.action == .audit { return (true, nil) }
            cause = cause ?? verdict.cause
        }
        return (false, cause)
    }

    private func allowsNothing(_ policies: [ObjectReference]) -> Bool {
        let own = Set(policies)
        return !inventory.policies.contains { own.contains($0.reference) && !$0.rules.isEmpty }
            && !clusterPolicies.contains { own.contains($0.reference) && $0.rules.contains { $0.action == .accept } }
            && policies.contains { $0.kind == .networkPolicy }
    }
}

extension Cause {
    /// Whether its reason names every policy that isolates.
    fileprivate var namesAll: Bool { if case .isolated = self { true } else { false } }
}
