/// Rules and ports that nothing in the tables leads to any more, but programs that still run may be
/// about to look up: they stay until no such program is left.
///
/// A value without I/O. Its owner takes a mark, waits for a grace period (until every program that runs now has
/// ended), and removes the entries from before the mark:
///
///     let mark = removals.mark()
///     // wait
///     for write in removals.drain(through: mark) { … }
///
/// A removal that comes meanwhile waits for the next round; an entry that is put again meanwhile stays. So all
/// removals of one round share one grace period.
public struct DeferredRemovals: Hashable, Sendable {
    /// The round in which each was left behind.
    private var rules: [RuleKey: UInt64] = [:]
    private var ports: [PortKey: UInt64] = [:]
    private var round: UInt64 = 0

    /// A point in time.
    public struct Mark: Hashable, Sendable {
        fileprivate var round: UInt64
    }

    public init() {}

    public var count: Int { rules.count + ports.count }
    public var isEmpty: Bool { count == 0 }

    /// Adds a removal. Only those of rules and ports are deferred.
    public mutating func add(_ removal: TableWrite) {
        switch removal {
        case .removeRule(let key): rules[key] = round
        case .removePort(let key): ports[key] = round
        default: assertionFailure("\(removal) need not wait")
        }
    }

    /// Records a write: an entry that is put again stays, and an entry that is removed needs no removal.
    public mutating func record(_ write: TableWrite) {
        switch write {
        case .putRule(let key, _), .removeRule(let key): rules[key] = nil
        case .putPort(let key, _), .removePort(let key): ports[key] = nil
        default: break
        }
    }

    /// Removals of rules that these writes would lead to again without putting them: their set or class
    /// is back, and says now by the set's default what the rule said otherwise.
    public func revived(by writes: [TableWrite]) -> [TableWrite] {
        guard !rules.isEmpty else { return [] }
        var put: Set<RuleKey> = []
        var sets: Set<PolicySetID> = []
        var classes: Set<AddressClassID> = []
        for write in writes {
            switch write {
            case .putRule(let key, _):
                put.insert(key)
                if key.addressClass == .other { sets.insert(key.policySet) }
            case .putAddress(_, let addressClass): classes.insert(addressClass)
            case .putName(_, let nameClass):
                classes.formUnion([false, true].map { nameClass.inRules(privateAnswer: $0) })
            default: break
            }
        }
        return rules.keys.filter { key in
            guard !put.contains(key) else { return false }
            let isBack = sets.contains(key.policySet)
            let isLive = isBack || rules[RuleKey(key.policySet, .other)] == nil
            return isBack || isLive && classes.contains(key.addressClass)
        }.map { .removeRule($0) }
    }

    /// Takes in what was there earlier, after the puts that took it back were undone. Programs may have
    /// found it in between, so it waits anew.
    public mutating func restore(_ earlier: DeferredRemovals) {
        for key in earlier.rules.keys where rules[key] == nil { rules[key] = round }
        for key in earlier.ports.keys where ports[key] == nil { ports[key] = round }
    }

    /// Cancels the removal of entries that these tables hold.
    public mutating func cancel(heldBy desired: VerdictTables) {
        rules = rules.filter { desired.rules[$0.key] == nil }
        ports = ports.filter { desired.ports[$0.key] == nil }
    }

    /// Takes out of tables that were read back what is only waiting to be removed.
    public func subtract(from tables: inout VerdictTables) {
        for key in rules.keys { tables.rules[key] = nil }
        for key in ports.keys { tables.ports[key] = nil }
    }

    /// A mark behind all removals added so far.
    public mutating func mark() -> Mark {
        defer { round += 1 }
        return Mark(round: round)
    }

    /// The removals from before the mark, in the order in which to write them: rules, then the ports that they
    /// lead to.
    public mutating func drain(through mark: Mark) -> [TableWrite] {
        let ripe =
            rules.filter { $0.value <= mark.round }.keys.map { TableWrite.removeRule($0) }
            + ports.filter { $0.value <= mark.round }.keys.map { .removePort($0) }
        for write in ripe { record(write) }
        return ripe
    }
}
