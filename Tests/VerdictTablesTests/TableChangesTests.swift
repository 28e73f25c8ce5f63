import PolicyModel
import Testing
import VerdictTables

@Suite struct TableChangesTests {
    static let old: VerdictTables = {
        var tables = VerdictTables()
        tables.addresses = [Prefix("10.0.0.0/8")!: AddressClassID(rawValue: 100), Prefix("::/0")!: .other]
        tables.rules[RuleKey(.guardsOnly, .other)] = .always(Decision(.allow, CauseID(rawValue: 20)))
        tables.pods[CgroupID(rawValue: 7)] = PodEntry(policySet: .guardsOnly, flags: [])
        return tables
    }()

    @Test func nothingChangesBetweenEqualTables() {
        #expect(TableChanges(from: Self.old, to: Self.old).isEmpty)
    }

    @Test func changesCountNewChangedAndGoneEntriesOnce() {
        var new = Self.old
        new.addresses[Prefix("10.0.0.0/8")!] = .other
        new.addresses[Prefix("::/0")!] = nil
        new.addresses[Prefix("fd00::/8")!] = .other
        new.ports[PortKey(PortSetID(rawValue: 50), .everything)] = Decision(.deny, .none)
        new.pods = [:]
        let changes = TableChanges(from: Self.old, to: new)
        #expect(changes.addresses.count == 3)
        #expect(changes.addresses[Prefix("::/0")!] == .some(nil))
        #expect(changes.count == 5)
        #expect(changes.applied(to: Self.old) == new)
    }

    @Test func puttingComesBeforeTakingAwayInTheOrderOfPointing() {
        var new = VerdictTables()
        new.addresses = [
            Prefix("10.0.0.0/8")!: AddressClassID(rawValue: 101),
            Prefix("10.1.0.0/16")!: AddressClassID(rawValue: 102),
        ]
        new.rules[RuleKey(.guardsOnly, .other)] = .byPort(PortSetID(rawValue: 50), otherwise: .none)
        new.rules[RuleKey(.guardsOnly, AddressClassID(rawValue: 101))] = .always(Decision(.deny, .none))
        new.ports[PortKey(PortSetID(rawValue: 50), .everything)] = Decision(.allow, .none)
        let plan = WritePlan(TableChanges(from: Self.old, to: new))
        #expect(
            plan.puts == [
                .putPort(PortKey(PortSetID(rawValue: 50), .everything), Decision(.allow, .none)),
                .putRule(RuleKey(.guardsOnly, AddressClassID(rawValue: 101)), .always(Decision(.deny, .none))),
                .putRule(RuleKey(.guardsOnly, .other), .byPort(PortSetID(rawValue: 50), otherwise: .none)),
                .putAddress(Prefix("10.1.0.0/16")!, AddressClassID(rawValue: 102)),
                .putAddress(Prefix("10.0.0.0/8")!, AddressClassID(rawValue: 101)),
            ])
        #expect(plan.removals == [.removePod(CgroupID(rawValue: 7)), .removeAddress(Prefix("::/0")!)])
    }
}
