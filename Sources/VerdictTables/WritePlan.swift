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
///   addresses and names, pods; and removed after it, in the opposite order;
/// - rules of a class before the set's default, so that a default which narrows
///   never takes away what a rule of its own will go on allowing;
/// - addresses and names are put longest prefix first and removed shortest prefix
///   first: with longest-prefix look-up none then sees a third value on the way
///   (WritePlanTests checks every step).
///
/// Several objects in one batch may pass through the verdict of some of them
/// changed and not the others, as they would had they come one by one: a pod that
/// takes labels which the old policy allows, in one batch with the policy that no
/// longer does.
public struct WritePlan: Hashable, Sendable {
    /// Before the generation changes.
    public var puts: [TableWrite]
    /// After the generation has changed and no program still runs on what it
    /// looked up before.
    public var removals: [TableWrite]

    public var isEmpty: Bool { puts.isEmpty && removals.isEmpty }

    public init(_ changes: TableChanges) {
        var puts: [TableWrite] = []
        var removals: [TableWrite] = []

        for (key, value) in changes.ports {
            if let value { puts.append(.putPort(key, value)) }
        }
        var defaults: [TableWrite] = []
        for (key, value) in changes.rules {
            guard let value else { continue }
            if key.addressClass == .other {
                defaults.append(.putRule(key, value))
            } else {
                puts.append(.putRule(key, value))
            }
        }
        puts += defaults
        let addresses = changes.addresses.sorted { $0.key.length > $1.key.length }
        for (key, value) in addresses {
            if let value { puts.append(.putAddress(key, value)) }
        }
        let names = changes.names.sorted { $0.key.length > $1.key.length }
        for (key, value) in names {
            if let value { puts.append(.putName(key, value)) }
        }
        for (key, value) in changes.pods {
            if let value { puts.append(.putPod(key, value)) } else { removals.append(.removePod(key)) }
        }
        for (key, value) in names.reversed() where value == nil { removals.append(.removeName(key)) }
        for (key, value) in addresses.reversed() where value == nil {
            removals.append(.removeAddress(key))
        }
        for (key, value) in changes.rules where value == nil { removals.append(.removeRule(key)) }
        for (key, value) in changes.ports where value == nil { removals.append(.removePort(key)) }
        self.puts = puts
        self.removals = removals
    }
}
