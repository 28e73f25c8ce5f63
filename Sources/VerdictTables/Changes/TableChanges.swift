public import PolicyModel

/// Changed entries: the new value, or nil for an entry that goes.
public struct TableChanges: Hashable, Sendable {
    public var addresses: [Prefix: AddressClassID?] = [:]
    public var names: [NamePrefix: NameClassID?] = [:]
    public var rules: [RuleKey: Rule?] = [:]
    public var ports: [PortKey: Decision?] = [:]
    public var pods: [CgroupID: PodEntry?] = [:]

    public init() {}

    /// How many entries change.
    public var count: Int { addresses.count + names.count + rules.count + ports.count + pods.count }
    public var isEmpty: Bool { count == 0 }

    /// What turns one state of the tables into another.
    public init(from old: VerdictTables, to new: VerdictTables) {
        addresses = Self.difference(old.addresses, new.addresses)
        names = Self.difference(old.names, new.names)
        rules = Self.difference(old.rules, new.rules)
        ports = Self.difference(old.ports, new.ports)
        pods = Self.difference(old.pods, new.pods)
    }

    private static func difference<Key, Value: Equatable>(
        _ old: [Key: Value], _ new: [Key: Value]
    ) -> [Key: Value?] {
        var changes: [Key: Value?] = [:]
        for (key, value) in new where old[key] != value { changes[key] = .some(value) }
        for key in old.keys where new[key] == nil { changes[key] = .some(nil) }
        return changes
    }

    /// These changes and then others, as one.
    public func followed(by later: TableChanges) -> TableChanges {
        var all = self
        all.addresses.merge(later.addresses) { $1 }
        all.names.merge(later.names) { $1 }
        all.rules.merge(later.rules) { $1 }
        all.ports.merge(later.ports) { $1 }
        all.pods.merge(later.pods) { $1 }
        return all
    }

    public func applied(to tables: VerdictTables) -> VerdictTables {
        var tables = tables
        for (key, value) in addresses { tables.addresses[key] = value }
        for (key, value) in names { tables.names[key] = value }
        for (key, value) in rules { tables.rules[key] = value }
        for (key, value) in ports { tables.ports[key] = value }
        for (key, value) in pods { tables.pods[key] = value }
        return tables
    }
}
