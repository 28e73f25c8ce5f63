/// A way to decide what a pod may connect to.
public enum Design: String, Codable, CaseIterable, Sendable {
    case none, empty, sluice, named, trie, nftables, iptables

    public var title: String {
        switch self {
        case .none: "no enforcement"
        case .empty: "an empty cgroup program"
        case .sluice: "Sluice"
        case .named: "Sluice, with domain names in policy"
        case .trie: "a trie for each packet"
        case .nftables: "nftables"
        case .iptables: "iptables with ipset"
        }
    }

    /// Whether it has a list of CIDRs, and denies all else.
    public var enforces: Bool { self != .none && self != .empty }
}
