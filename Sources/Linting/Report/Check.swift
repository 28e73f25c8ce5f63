/// What is looked for. The raw value is what users write, and does not change.
public enum Check: String, Hashable, Sendable, CaseIterable, Codable {
    case notUnderstood = "not-understood"
    case exceptOutsideBlock = "except-outside-block"
    case noDNS = "no-dns"
    case selectsNothing = "selects-nothing"
    case hostNetworkSelected = "host-network-selected"
    case ruleNeverMatches = "rule-never-matches"
    case ruleRedundant = "rule-redundant"
    case nameOpensNothing = "name-opens-nothing"
    case namedPortUnknown = "named-port-unknown"
    case servicePartlyDenied = "service-partly-denied"
    case keepsNetRaw = "keeps-net-raw"
    case equalPriority = "equal-priority"
    case auditNamespace = "audit-namespace"

    /// What it finds, in one line.
    public var summary: String {
        switch self {
        case .notUnderstood: "objects, or parts of them, that are not understood and fail closed"
        case .exceptOutsideBlock: "an ipBlock's except that does not lie inside its cidr, so that the rule is left out"
        case .noDNS: "isolated pods that cannot ask the cluster's DNS, over UDP and TCP"
        case .selectsNothing: "policies whose selector or subject matches no pod"
        case .hostNetworkSelected: "policies that select pods on the host's network, to which they do not apply"
        case .ruleNeverMatches: "rules, and peers of rules, that match nothing or are never asked"
        case .ruleRedundant: "rules, and peers of rules, that allow nothing which another rule does not"
        case .nameOpensNothing: "domain names that open nothing: hidden by an earlier rule, or where all is open"
        case .namedPortUnknown: "port names that no pod among the rule's peers has"
        case .servicePartlyDenied: "services some of whose ready endpoints are denied, and so the service address"
        case .keepsNetRaw: "isolated pods that keep CAP_NET_RAW, by which frames pass below enforcement"
        case .equalPriority: "administrators' policies that share tier and priority"
        case .auditNamespace: "namespaces in audit mode, where policies deny nothing"
        }
    }

    /// Whether it can tell anything where no pod is known.
    var needsPods: Bool {
        switch self {
        case .notUnderstood, .exceptOutsideBlock, .ruleRedundant, .equalPriority, .auditNamespace: false
        // Contradictions, blocks and what is asked first are told all the same.
        case .ruleNeverMatches, .nameOpensNothing: false
        case .noDNS, .selectsNothing, .hostNetworkSelected, .namedPortUnknown, .servicePartlyDenied,
            .keepsNetRaw: true
        }
    }
}
