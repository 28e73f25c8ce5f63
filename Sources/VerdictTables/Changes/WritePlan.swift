public import PolicyModel

/// One write to a kernel map.
public enum TableWrite: Hashable, Sendable {
    case putPort(PortKey, Decision)
    case putRule(RuleKey, Rule)
    case putAddress(Prefix, AddressClassID)
    case putName(NamePrefix, NameClassID)
    case putPod(CgroupID, PodEntry)
    case removePod(CgroupID)
    case removeName(NamePrefix)
    case removeAddress(Prefix)
    case removeRule(RuleKey)
    case removePort(PortKey)
}

/// Changes in the order in which they may reach the kernel.
///
/// At every instant each packet meets the old verdict or the new one, never a
/// mixture and never a gap:
/// - what is pointed to is written before what points to it: ports, rules,
///   addresses and names, pods;
/// - rules of a class before the set's default, so that a default which narrows
///   never takes away what a rule of its own will go on allowing;
/// - addresses and names are put longest prefix first, and then those that go are
///   removed shortest prefix first: with longest-prefix look-up none then sees a third
///   value on the way (WritePlanTests checks every step);
/// - rules that were left by an earlier change and would be found again go first;
/// - pods come before pods go, as one may be the other in another cgroup;
/// - a rule that goes while its set and its class stay is a change of verdict like
///   any other, and comes last.
///
/// With the last of `writes` the tables say all that is new and nothing that is old, and only
/// then the generation changes. An entry that nothing leads to any more is `deferred`: it is in
/// nobody's way but that of programs that found what led to it, and goes when none of these runs.
///
/// Several objects in one batch may pass through the verdict of some of them
/// changed and not the others, as they would had they come one by one: a pod that
/// takes labels which the old policy allows, in one batch with the policy that no
/// longer does.
public struct WritePlan: Hashable, Sendable {
    /// Before the generation changes.
    public var writes: [TableWrite] = []
    /// Removals of rules and ports; see `DeferredRemovals`.
    public var deferred: [TableWrite] = []

    public var isEmpty: Bool { writes.isEmpty && deferred.isEmpty }

    /// - Parameters:
    ///   - changes: what is to become of the tables.
    ///   - addresses: what the kernel holds before the changes.
    ///   - names: the same.
    ///   - earlier: what it holds that earlier changes left.
    public init(
        _ changes: TableChanges, addresses: [Prefix: AddressClassID], names: [NamePrefix: NameClassID],
        earlier: DeferredRemovals = DeferredRemovals()
    ) {
        for (key, value) in changes.ports {
            if let value { writes.append(.putPort(key, value)) }
        }
        var defaults: [TableWrite] = []
        for (key, value) in changes.rules {
            guard let value else { continue }
            if key.addressClass == .other {
                defaults.append(.putRule(key, value))
            } else {
                writes.append(.putRule(key, value))
            }
        }
        writes += defaults
        let prefixes = changes.addresses.sorted { $0.key.length > $1.key.length }
        for (key, value) in prefixes {
            if let value { writes.append(.putAddress(key, value)) }
        }
        for (key, value) in prefixes.reversed() where value == nil { writes.append(.removeAddress(key)) }
        let domains = changes.names.sorted { $0.key.length > $1.key.length }
        for (key, value) in domains {
            if let value { writes.append(.putName(key, value)) }
        }
        for (key, value) in domains.reversed() where value == nil { writes.append(.removeName(key)) }
        for (key, value) in changes.pods {
            if let value { writes.append(.putPod(key, value)) }
        }
        for (key, value) in changes.pods where value == nil { writes.append(.removePod(key)) }
        writes.insert(contentsOf: earlier.revived(by: writes), at: 0)
        var removals: [TableWrite] = []
        for (key, value) in changes.rules where value == nil { removals.append(.removeRule(key)) }
        for (key, value) in changes.ports where value == nil { removals.append(.removePort(key)) }
        let retired = RetiredIDs(of: writes + removals, addresses: addresses, names: names)
        writes += removals.filter { !retired.defers($0) }
        deferred = removals.filter(retired.defers)
    }

    /// The same for a map of pods without room: those that go make it for those that come. Nil if none goes.
    public var makingRoom: WritePlan? {
        var plan = self
        let going = plan.writes.filter { $0.isOfPod(coming: false) }
        guard !going.isEmpty, let place = writes.firstIndex(where: { $0.isOfPod(coming: true) }) else { return nil }
        plan.writes.removeAll { $0.isOfPod(coming: false) }
        plan.writes.insert(contentsOf: going, at: place)
        return plan
    }
}

extension TableWrite {
    fileprivate func isOfPod(coming: Bool) -> Bool {
        switch self {
        case .putPod: coming
        case .removePod: !coming
        default: false
        }
    }
}
