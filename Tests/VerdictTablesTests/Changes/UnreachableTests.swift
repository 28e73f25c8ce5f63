import PolicyModel
import Testing
import VerdictTables

@Suite struct UnreachableTests {
    private let allow = Rule.always(Decision(.allow, .none))
    private let set = PolicySetID(rawValue: 20)
    private let strangeSet = PolicySetID(rawValue: 21)
    private let addressClass = AddressClassID(rawValue: 30)
    private let strangeClass = AddressClassID(rawValue: 31)

    private func port(_ number: UInt64) -> PortKey { PortKey(PortSetID(rawValue: number), .everything) }

    private var tables: VerdictTables {
        var tables = VerdictTables()
        tables.addresses[Prefix(host: IPAddress(ipv4: 1))] = addressClass
        tables.pods[CgroupID(rawValue: 7)] = PodEntry(policySet: set, flags: [])
        tables.rules[RuleKey(.guardsOnly, .other)] = allow
        tables.rules[RuleKey(set, .other)] = .byPort(PortSetID(rawValue: 40), otherwise: .none)
        tables.rules[RuleKey(set, addressClass)] = allow
        tables.rules[RuleKey(set, NameClassID.derived(from: 50), privateAnswer: false)] = allow
        tables.ports[port(40)] = Decision(.allow, .none)
        return tables
    }

    @Test("what something leads to is not among them") func whatSomethingLeadsToIsNotAmongThem() {
        #expect(tables.unreachable(butFor: VerdictTables()) == [])
    }

    @Test("rules of sets and classes that nothing has and their ports are")
    func rulesOfSetsAndClassesThatNothingHasAndTheirPortsAre() {
        var left = tables
        left.rules[RuleKey(strangeSet, .other)] = .byPort(PortSetID(rawValue: 41), otherwise: .none)
        left.rules[RuleKey(set, strangeClass)] = allow
        left.ports[port(41)] = Decision(.allow, .none)
        left.ports[port(42)] = Decision(.allow, .none)
        let removals: Set<TableWrite> = [
            .removeRule(RuleKey(strangeSet, .other)), .removeRule(RuleKey(set, strangeClass)),
            .removePort(port(41)), .removePort(port(42)),
        ]
        #expect(Set(left.unreachable(butFor: tables)) == removals)
        #expect(left.unreachable(butFor: left) == [])
    }

    @Test("a set without pods that is wanted stays unless something of it is not wanted")
    func aSetWithoutPodsThatIsWantedStaysUnlessSomethingOfItIsNotWanted() {
        var left = tables
        left.rules[RuleKey(strangeSet, .other)] = allow
        var desired = left
        desired.pods[CgroupID(rawValue: 7)]?.policySet = strangeSet
        #expect(left.unreachable(butFor: desired) == [])
        left.rules[RuleKey(strangeSet, addressClass)] = allow
        #expect(
            Set(left.unreachable(butFor: desired)) == [
                .removeRule(RuleKey(strangeSet, .other)), .removeRule(RuleKey(strangeSet, addressClass)),
            ])
    }
}
