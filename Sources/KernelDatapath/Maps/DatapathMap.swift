/// The maps of bpf/src/maps.h, by the names they have there and as pins.
public enum DatapathMap: String, CaseIterable, Hashable, Sendable {
    case config, pods, addresses, rules, ports, names, resolvers
    case ownAddresses = "own_addresses"
    case failSlow = "fail_slow"
    case foreignSources = "foreign_sources"
    case verdicts, connections, replies, canary, counters, recent, events, lost, budget
    case queries, learned, heard, answers, reading, shares, streams
    case replyRing = "reply_ring"
    case queryRing = "query_ring"
    case learnedRing = "learned_ring"
    case heardRing = "heard_ring"
}
