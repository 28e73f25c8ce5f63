import CSluice
public import PolicyModel
public import VerdictTables

/// The pinned maps as tables: the kernel's own answers, and everything read back.
///
/// It reads only and loads nothing, so that it works with or without the agent.
public final class KernelTables: VerdictLookup, Sendable {
    package let maps: DatapathMaps

    public init(pins: Pins = Pins()) throws(KernelError) {
        maps = try DatapathMaps(pins: pins, readOnly: true)
    }

    public func addressClass(of address: IPAddress) throws(KernelError) -> AddressClassID {
        try maps.addresses.lookup(Prefix(host: address)) ?? .other
    }

    public func nameClass(of name: DomainName) throws(KernelError) -> NameClassID? {
        try maps.names.lookup(NamePrefix(name))
    }

    public func rule(_ key: RuleKey) throws(KernelError) -> Rule? {
        try maps.rules.lookup(key)
    }

    public func decision(
        in portSet: PortSetID, protocol number: UInt8, port: UInt16
    ) throws(KernelError) -> Decision? {
        try maps.ports.lookup(PortKey(portSet, PortPrefix(protocol: number, port: port)))
    }

    public func pod(_ cgroup: CgroupID) throws(KernelError) -> PodEntry? {
        try maps.pods.lookup(cgroup)
    }

    /// The pods of this node that the kernel knows.
    public func pods() throws(KernelError) -> [CgroupID: PodEntry] {
        var pods: [CgroupID: PodEntry] = [:]
        try maps.pods.forEach { pods[$0] = $1 }
        return pods
    }

    /// Nil before anything was ever written.
    public func config() throws(KernelError) -> NodeConfig? {
        try maps.config.lookup(0)
    }

    /// Everything, with counter slots as they are.
    public func tables() throws(KernelError) -> VerdictTables {
        try maps.readTables().tables
    }

    /// What became of a pod's packets, summed over CPUs.
    public func counters(slot: UInt32) throws(KernelError) -> FlowCounters {
        FlowCounters(summing: try maps.counters.lookup(slot))
    }

    /// The flows that may be replied to, and those that pods began; the latest first.
    public func replies() throws(KernelError) -> [(tuple: ReplyTuple, mark: ReplyMark)] {
        var all: [(tuple: ReplyTuple, mark: ReplyMark)] = []
        try maps.replies.forEach { all.append((tuple: $0, mark: $1)) }
        return all.sorted { $0.mark.seen > $1.mark.seen }
    }

    /// How many of them one pod may hold.
    public static let replyShare = Int(SLUICE_REPLY_SHARE)

    /// How many places for them are taken.
    package func replyCells() throws(KernelError) -> Int { try maps.replyRing.countKeys() }

    /// How many events nobody was told of.
    public func lostEvents() throws(KernelError) -> LostEvents {
        try maps.lost.lookup(0).reduce(LostEvents()) {
            LostEvents(full: $0.full &+ $1.full, limited: $0.limited &+ $1.limited)
        }
    }

    /// How full the maps are whose filling up would be an error.
    public func fillLevels() throws(KernelError) -> [DatapathMap: FillLevel] {
        [
            .pods: FillLevel(used: try maps.pods.count(), capacity: maps.pods.info.capacity),
            .addresses: FillLevel(
                used: try maps.addresses.count(), capacity: maps.addresses.info.capacity),
            .dnsNames: FillLevel(used: try maps.names.count(), capacity: maps.names.info.capacity),
            .rules: FillLevel(used: try maps.rules.count(), capacity: maps.rules.info.capacity),
            .ports: FillLevel(used: try maps.ports.count(), capacity: maps.ports.info.capacity),
        ]
    }
}

/// How many entries a map holds and can hold.
public struct FillLevel: Hashable, Sendable {
    public var used: Int
    public var capacity: UInt32

    public init(used: Int, capacity: UInt32) {
        self.used = used
        self.capacity = capacity
    }
}
