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

    @Test("nothing changes between equal tables") func nothingChangesBetweenEqualTables() {
        #expect(TableChanges(from: Self.old, to: Self.old).isEmpty)
    }

    @Test("changes count new changed and gone entries once") func changesCountNewChangedAndGoneEntriesOnce() {
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

    @Test("putting comes before taking away in the order of pointing")
    func puttingComesBeforeTakingAwayInTheOrderOfPointing() {
        var new = VerdictTables()
        new.addresses = [
            Prefix("10.0.0.0/8")!: AddressClassID(rawValue: 101),
            Prefix("10.1.0.0/16")!: AddressClassID(rawValue: 102),
        ]
        new.rules[RuleKey(.guardsOnly, .other)] = .byPort(PortSetID(rawValue: 50), otherwise: .none)
        new.rules[RuleKey(.guardsOnly, AddressClassID(rawValue: 101))] = .always(Decision(.deny, .none))
        new.ports[PortKey(PortSetID(rawValue: 50), .everything)] = Decision(.allow, .none)
        let changes = TableChanges(from: Self.old, to: new)
        let plan = WritePlan(changes, addresses: Self.old.addresses, names: Self.old.names)
        #expect(
            plan.writes == [
                .putPort(PortKey(PortSetID(rawValue: 50), .everything), Decision(.allow, .none)),
                .putRule(RuleKey(.guardsOnly, AddressClassID(rawValue: 101)), .always(Decision(.deny, .none))),
                .putRule(RuleKey(.guardsOnly, .other), .byPort(PortSetID(rawValue: 50), otherwise: .none)),
                .putAddress(Prefix("10.1.0.0/16")!, AddressClassID(rawValue: 102)),
                .putAddress(Prefix("10.0.0.0/8")!, AddressClassID(rawValue: 101)),
                .removeAddress(Prefix("::/0")!), .removePod(CgroupID(rawValue: 7)),
            ])
        #expect(plan.deferred == [] && plan.makingRoom == nil)
    }

    @Test("what nothing leads to any more is left behind") func whatNothingLeadsToAnyMoreIsLeftBehind() {
        let (set, gone, stays) = (
            PolicySetID(rawValue: 30), AddressClassID(rawValue: 100), AddressClassID(rawValue: 101)
        )
        let port = PortKey(PortSetID(rawValue: 50), .everything)
        var old = Self.old
        old.addresses[Prefix("10.1.0.0/16")!] = stays
        old.rules[RuleKey(set, .other)] = .always(Decision(.deny, .none))
        old.rules[RuleKey(set, gone)] = .byPort(port.portSet, otherwise: .none)
        old.rules[RuleKey(set, stays)] = .always(Decision(.allow, .none))
        old.ports[port] = Decision(.allow, .none)
        var new = old
        new.addresses[Prefix("10.0.0.0/8")!] = nil
        new.rules[RuleKey(set, gone)] = nil
        new.rules[RuleKey(set, stays)] = nil
        new.ports = [:]
        let plan = WritePlan(TableChanges(from: old, to: new), addresses: old.addresses, names: [:])
        #expect(plan.writes == [.removeAddress(Prefix("10.0.0.0/8")!), .removeRule(RuleKey(set, stays))])
        #expect(plan.deferred == [.removeRule(RuleKey(set, gone)), .removePort(port)])
    }

    @Test("pods that go make room if they must") func podsThatGoMakeRoomIfTheyMust() throws {
        var changes = TableChanges()
        let entry = PodEntry(policySet: .guardsOnly, flags: [])
        changes.pods[CgroupID(rawValue: 7)] = .some(nil)
        changes.pods[CgroupID(rawValue: 8)] = entry
        changes.addresses[Prefix("::/0")!] = .some(.other)
        let plan = WritePlan(changes, addresses: [:], names: [:])
        let put = TableWrite.putAddress(Prefix("::/0")!, .other)
        #expect(plan.writes == [put, .putPod(CgroupID(rawValue: 8), entry), .removePod(CgroupID(rawValue: 7))])
        let other = try #require(plan.makingRoom)
        #expect(other.writes == [put, .removePod(CgroupID(rawValue: 7)), .putPod(CgroupID(rawValue: 8), entry)])
    }
}
