import Flows
public import PolicyModel

/// How often something was seen, and when last.
struct Evidence: Hashable {
    var count: UInt64 = 0
    var last = FlowTime(nanoseconds: 0)
    /// Whether some of it was denied.
    var denied = false

    init() {}

    /// A part of what a record counts.
    init(_ count: UInt64, of record: FlowRecord) {
        (self.count, last, denied) = (count, record.seen.last, !record.passed)
    }

    mutating func add(_ record: FlowRecord) { add(Evidence(record.seen.count, of: record)) }

    mutating func add(_ other: Evidence) {
        count = count.addingReportingOverflow(other.count).overflow ? .max : count + other.count
        last = max(last, other.last)
        denied = denied || other.denied
    }

    /// For instance `seen 12 times, last 2026-11-21T14:38:16Z`.
    var text: String {
        "seen \(count == 1 ? "once" : "\(count) times"), last \(last.text)" + (denied ? ", DENIED" : "")
    }
}

extension FlowTime {
    /// To the second, as Kubernetes writes times.
    var text: String { Timestamp.text(Int64(clamping: nanoseconds / 1_000_000_000)) }
}

/// Who a rule lets pods talk to.
enum LearnedPeer: Hashable, Sendable {
    case dns
    case pods(namespace: String, Labels)
    case block(IPBlock)

    /// DNS first, then pods of the policy's own namespace, of others, addresses.
    func order(in own: String) -> [String] {
        switch self {
        case .dns: ["0"]
        case .pods(let namespace, let labels):
            [namespace == own ? "1" : "2", namespace]
                + labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        case .block: ["3"]
        }
    }
}

/// A port of a rule.
struct LearnedPort: Hashable, Comparable, Sendable {
    var `protocol`: TransportProtocol
    var number: UInt16
    /// What the pods call it; the rule then goes by the name.
    var name: String?

    static func < (left: Self, right: Self) -> Bool {
        (left.protocol, left.number, left.name ?? "") < (right.protocol, right.number, right.name ?? "")
    }
}

/// An entry of `egress`.
struct LearnedRule: Hashable, Sendable {
    /// More than one only if all are blocks of addresses.
    var peers: [LearnedPeer]
    var ports: [LearnedPort]
    /// Comment lines: what it is, and what was seen.
    var comments: [String]
    /// For each block a comment of its own.
    var blockComments: [IPBlock: String] = [:]
}

/// An entry of `egress` that accepts domain names.
struct LearnedNameRule: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var pattern: DomainPattern
        /// What was seen.
        var comment: String
    }

    /// One peer of the API's each.
    var peers: [[Entry]]
    var ports: [LearnedPort]

    /// The most names of a peer, peers and ports of a rule, and rules of a policy that the API server takes
    /// (ClusterNetworkPolicy v1alpha2).
    static let limit = 25
}

/// A ClusterNetworkPolicy that accepts domain names for the pods of a learned policy, which alone
/// keeps them from the rest.
struct LearnedNames: Hashable, Sendable {
    var rules: [LearnedNameRule]
    var priority = ClusterNetworkPolicy.priorities.upperBound
}

/// A policy for the pods of one or more workloads.
public struct LearnedPolicy: Hashable, Sendable {
    public var key: NamespacedName
    var podSelector: Labels
    var rules: [LearnedRule]
    /// As many as the rules need room; mostly none or one.
    var names: [LearnedNames] = []
    /// What stands above the policy.
    var comments: [String]
    /// What was seen and is not allowed, and why.
    var notes: [String]
}
