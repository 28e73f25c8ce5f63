/// The maps of bpf/src, by the names of their pins.
public enum DatapathMap: String, CaseIterable, Hashable, Sendable {
    case config, pods, addresses, rules, ports, resolvers
    case dnsNames = "dns_names"
    case ownAddresses = "own_addresses"
    case failSlow = "fail_slow"
    case foreignSources = "foreign_sources"
    case verdicts, replies, canary, counters, events
    case tcpFastpath = "tcp_fastpath"
    case eventDedup = "event_dedup"
    case eventDrops = "event_drops"
    case eventRate = "event_rate"
    case podShares = "pod_shares"
    case dnsQueries = "dns_queries"
    case dnsAllowed = "dns_allowed"
    case dnsSeen = "dns_seen"
    case dnsEvents = "dns_events"
    case dnsStats = "dns_stats"
    case dnsStreams = "dns_streams"
    case replyRing = "ring_replies"
    case queryRing = "ring_queries"
    case allowedRing = "ring_allowed"
    case seenRing = "ring_seen"

    /// The name in the object file and, cut to 15 characters, in the kernel: with a prefix, as other agents have
    /// theirs in `bpftool map show`.
    public var kernelName: String { "sluice_\(rawValue)" }
}
