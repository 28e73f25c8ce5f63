import PolicyCompiler
import PolicyModel
import VerdictTables

/// Isolated pods and the cluster's DNS.
extension LintContext {
    /// Where pods send their questions.
    private struct NameService {
        var text: String
        var namespace: String
        /// The peer that allows it.
        var labels: Labels
        var addresses: [IPAddress]
        /// Where the addresses are asked.
        var port: UInt16 = 53
        /// The pods' own port, which counts in rules about pods: 5353 with OpenShift.
        var podPort: UInt16
    }

    /// Namespace, labels and port of the DNS pods, by custom: Kubernetes' (cluster/addons/dns), and OpenShift's.
    private static let customs: [(namespace: String, labels: Labels, port: UInt16)] = [
        ("kube-system", ["k8s-app": "kube-dns"], 53),
        ("openshift-dns", ["dns.operator.openshift.io/daemonset-dns": "default"], 5353),
    ]

    mutating func noDNS() -> [Finding] {
        guard let dns = nameService() else { return [] }
        var findings: [Finding] = []
        for (set, places) in kindsBySet {
            let policies = review.policies(of: set)
            let kinds = places.map { inventory.kinds[$0] }.filter { !$0.key.hostNetwork && !isDNS($0, dns) }
            guard !policies.isEmpty, !kinds.isEmpty else { continue }
            let udp = asks(set, dns.addresses, .udp, dns.port)
            let tcp = asks(set, dns.addresses, .tcp, dns.port)
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
        let culprit =
            policies.first { $0 == cause?.policy } ?? own.first ?? policies[0]
        let others = own.filter { $0 != culprit }
        let nodeLocal = overUDP && asks(set, [Resolvers.nodeLocal], .udp, 53).allowed
        let isShut = overUDP && allowsNothing(policies)
        let audit = kinds.allSatisfy { isInAudit($0.key.namespace) }
        let severity: Finding.Severity = isShut || nodeLocal ? .info : .warning
        let protocols = overUDP ? (tcp.allowed ? "over UDP" : "at all") : "over TCP, by which long answers come"
        return Finding(
            severity, .noDNS, culprit, field: "spec.egress",
            "\(kinds.text) cannot ask the cluster's DNS (\(dns.text), port \(dns.port)) \(protocols)"
                + (cause.map { ": \($0.reason)" } ?? "")
                + (others.isEmpty || cause?.namesAll == true ? "" : "; they are isolated by \(others.text) too")
                + (dns.podPort == dns.port
                    ? ""
                    : "; its port \(dns.port) leads to port \(dns.podPort) of its pods, and rules about pods count that")
                + (nodeLocal ? "; the node-local cache at 169.254.20.10 may be asked" : "")
                + (isShut ? "; as they may connect nowhere at all, that may well be meant" : "")
                + (audit ? "; in audit mode it still passes" : ""),
            suggestion: suggestion(dns, udp: overUDP, tcp: !tcp.allowed))
    }

    private func suggestion(_ dns: NameService, udp: Bool, tcp: Bool) -> String {
        let ports = (udp ? ["UDP"] : []) + (tcp ? ["TCP"] : [])
        let labels = dns.labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            .joined(separator: ", ")
        return "add the egress rule {to: [{namespaceSelector: "
            + "{matchLabels: {\(PodSelection.nameLabel): \(dns.namespace)}}, "
            + "podSelector: {matchLabels: {\(labels)}}}], "
            + "ports: [\(ports.map { "{port: \(dns.podPort), protocol: \($0)}" }.joined(separator: ", "))]}"
    }

    /// The service by its names in distributions, or by the label that its pods have by custom; without one,
    /// those pods.
    private func nameService() -> NameService? {
        let usual = Self.customs[0]
        let named = resolvers.services.lazy.compactMap { name in
            inventory.services.first { $0.key == name && !$0.addresses.isEmpty }
        }.first
        let service =
            named
            ?? inventory.services.first { service in
                service.key.namespace == usual.namespace && !service.addresses.isEmpty
                    && (service.key.name == "coredns" || service.selector == usual.labels)
            }
        if let service {
            let custom = Self.customs.first { $0.namespace == service.key.namespace } ?? usual
            return NameService(
                text: "service \(service.key)", namespace: service.key.namespace,
                labels: service.selector ?? custom.labels, addresses: service.addresses, podPort: podPort(of: service))
        }
        for custom in Self.customs {
            let pods = inventory.pods.filter {
                $0.key.namespace == custom.namespace && !$0.addresses.isEmpty
                    && LabelSelector(matchLabels: custom.labels).matches($0.labels)
            }
            if pods.isEmpty { continue }
            return NameService(
                text: podsText(pods.count, example: pods.map(\.key).min().map { "\($0)" } ?? ""),
                namespace: custom.namespace, labels: custom.labels, addresses: pods.flatMap(\.addresses),
                port: custom.port, podPort: custom.port)
        }
        return nil
    }

    private func podPort(of service: Service) -> UInt16 {
        let endpoints = service.ports.filter { $0.number == 53 }.flatMap { port in
            [true, false].flatMap { review.cluster.endpoints(of: service, port, ipv4: $0) }
        }
        return endpoints.first?.port ?? 53
    }

    /// Who answers asks elsewhere.
    private func isDNS(_ kind: PodKind, _ dns: NameService) -> Bool {
        kind.key.namespace == dns.namespace && LabelSelector(matchLabels: dns.labels).matches(kind.example.labels)
    }

    /// Whether one of the addresses may be asked, and if not why the first may not.
    private mutating func asks(
        _ set: PolicySetID, _ addresses: [IPAddress], _ protocol: TransportProtocol, _ port: UInt16
    ) -> (allowed: Bool, cause: Cause?) {
        var cause: Cause?
        for address in addresses {
            let verdict = review.judge(set, to: address, protocol: `protocol`, port: port)
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
