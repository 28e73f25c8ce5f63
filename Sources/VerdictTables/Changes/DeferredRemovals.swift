/// Rules and ports that nothing in the tables leads to any more, but programs that still run may be
/// about to look up: they stay until no such program is left.
///
/// A value without I/O. Whoever holds it takes a mark, waits until every program that runs
/// has ended, and removes what was there when the mark was taken:
///
///     let mark = leftovers.mark()
///     // wait
///     for write in leftovers.take(upTo: mark) { … }
///
/// What comes meanwhile waits for the next round; what is put again meanwhile is none any more.
/// So all that was left behind in one round shares one wait.
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

    /// Takes in a removal that is put off. Of tables other than rules and ports nothing is.
    public mutating func add(_ removal: TableWrite) {
        switch removal {
        case .removeRule(let key): rules[key] = round
        case .removePort(let key): ports[key] = round
        default: assertionFailure("\(removal) need not wait")
        }
    }

    /// Hears of a write: what is put again stays, what is removed is no longer there to be removed.
    public mutating func note(_ write: TableWrite) {
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

    /// Forgets what these tables hold.
    public mutating func takeBack(_ desired: VerdictTables) {
        rules = rules.filter { desired.rules[$0.key] == nil }
        ports = ports.filter { desired.ports[$0.key] == nil }
    }

    /// Takes out of tables that were read back what is only waiting to be removed.
    public func subtract(from tables: inout VerdictTables) {
        for key in rules.keys { tables.rules[key] = nil }
        for key in ports.keys { tables.ports[key] = nil }
    }

    /// Stands for all that is there now.
    public mutating func mark() -> Mark {
        defer { round += 1 }
        return Mark(round: round)
    }

    /// What was there at the mark and still is, in the order in which it goes: rules, then the
    /// ports that they lead to.
    public mutating func take(upTo mark: Mark) -> [TableWrite] {
        let ripe =
            rules.filter { $0.value <= mark.round }.keys.map { TableWrite.removeRule($0) }
            + ports.filter { $0.value <= mark.round }.keys.map { .removePort($0) }
        for write in ripe { note(write) }
        return ripe
    }
}
