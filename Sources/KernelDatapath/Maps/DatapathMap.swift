/// The maps of bpf/src/maps.h, by the names they have there and as pins.
public enum DatapathMap: String, CaseIterable, Hashable, Sendable {
    case config, pods, addresses, rules, ports, names, resolvers
    case verdicts, connections, replies, counters, recent, events, lost, budget
    case queries, learned, heard, answers, reading
}
