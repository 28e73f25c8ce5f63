/// What is looked for. The raw value is what users write, and does not change.
public enum Check: String, Hashable, Sendable, CaseIterable, Codable {
    case notUnderstood = "not-understood"
    case exceptOutsideBlock = "except-outside-block"
    case egressNotApplied = "egress-not-applied"
    case noDNS = "no-dns"
    case selectsNothing = "selects-nothing"
    case hostNetworkSelected = "host-network-selected"
    case ruleNeverMatches = "rule-never-matches"
    case ruleRedundant = "rule-redundant"
    case nameOpensNothing = "name-opens-nothing"
    case clusterNamePrivate = "cluster-name-private"
    case nameFromElsewhere = "name-from-elsewhere"
    case namedPortUnknown = "named-port-unknown"
    case servicePortInRule = "service-port-in-rule"
    case servicePartlyDenied = "service-partly-denied"
    case keepsNetRaw = "keeps-net-raw"
    case unenforceable
    case meshTimesOut = "mesh-times-out"
    case equalPriority = "equal-priority"
    case auditNamespace = "audit-namespace"
    case labelNotUnderstood = "label-not-understood"

    /// What it finds, in one line.
    public var summary: String {
        switch self {
        case .notUnderstood: "objects, or parts of them, that are not understood and fail closed"
        case .exceptOutsideBlock: "an ipBlock's except that does not lie inside its cidr, so that the rule is left out"
        case .egressNotApplied: "egress rules of policies whose policyTypes leave Egress out"
        case .noDNS: "isolated pods that cannot ask the cluster's DNS, over UDP and TCP"
        case .selectsNothing: "policies whose selector or subject matches no pod"
        case .hostNetworkSelected: "policies that select pods on the host's network, to which they do not apply"
        case .ruleNeverMatches: "rules, and peers of rules, that match nothing or are never asked"
        case .ruleRedundant: "rules, and peers of rules, that allow nothing which another rule does not"
        case .nameOpensNothing: "domain names that open nothing: hidden by an earlier rule, or where all is open"
        case .clusterNamePrivate: "domain names of the cluster's own, whose private answers open nothing"
        case .nameFromElsewhere: "pods under rules for names that have their names from dnsConfig or hostAliases"
        case .namedPortUnknown: "port names that no pod among the rule's peers has"
        case .servicePortInRule: "rules that give a service's port where the pods behind it have another one"
        case .servicePartlyDenied: "services some of whose ready endpoints are denied, and so the service address"
        case .keepsNetRaw: "isolated pods that keep CAP_NET_RAW, by which frames pass below enforcement"
        case .unenforceable: "isolated pods whose runtime keeps their packets from every verdict"
        case .meshTimesOut:
            "namespaces of a mesh that redirects, where only the connect hook sees the destination, without it"
        case .equalPriority: "administrators' policies that share tier and priority"
        case .auditNamespace: "namespaces in audit mode, where policies deny nothing"
        case .labelNotUnderstood: "labels of sluice.dev that mean nothing where they stand, or by their value"
        }
    }

    /// Whether it can tell anything where no pod is known.
    var needsPods: Bool {
        switch self {
        case .notUnderstood, .exceptOutsideBlock, .ruleRedundant, .equalPriority, .auditNamespace,
            .egressNotApplied, .clusterNamePrivate, .labelNotUnderstood, .meshTimesOut:
            false
        // Contradictions, blocks and what is asked first are told all the same.
        case .ruleNeverMatches, .nameOpensNothing: false
        case .noDNS, .selectsNothing, .hostNetworkSelected, .namedPortUnknown, .servicePartlyDenied,
            .keepsNetRaw, .nameFromElsewhere, .servicePortInRule, .unenforceable:
            true
        }
    }
}
