import PolicyModel
import Testing
import VerdictTables

/// Which removals wait.
@Suite struct RetiredIDsTests {
    static let set = PolicySetID(rawValue: 20)
    static let other = PolicySetID(rawValue: 21)
    static let addressClass = AddressClassID(rawValue: 30)
    static let prefix = Prefix("10.0.0.1/32")!

    func defers(_ key: RuleKey, _ writes: [TableWrite]) -> Bool {
        RetiredIDs(of: writes, addresses: [Self.prefix: Self.addressClass], names: [:]).defers(.removeRule(key))
    }

    @Test("a rule whose set and class stay goes at once") func aRuleWhoseSetAndClassStayGoesAtOnce() {
        #expect(!defers(RuleKey(Self.set, Self.addressClass), [.removeRule(RuleKey(Self.set, Self.addressClass))]))
        let elsewhere = Prefix("10.0.0.2/32")!
        #expect(!defers(RuleKey(Self.set, Self.addressClass), [.putAddress(elsewhere, Self.addressClass)]))
    }

    @Test("rules of a set without its default wait") func rulesOfASetWithoutItsDefaultWait() {
        let writes = [TableWrite.removeRule(RuleKey(Self.set, .other))]
        #expect(defers(RuleKey(Self.set, Self.addressClass), writes))
        #expect(defers(RuleKey(Self.set, .other), writes))
        #expect(!defers(RuleKey(Self.other, Self.addressClass), writes))
    }

    @Test(
        "rules of a class that an address loses wait",
        arguments: [TableWrite.removeAddress(prefix), .putAddress(prefix, AddressClassID(rawValue: 31))])
    func rulesOfAClassThatAnAddressLosesWait(write: TableWrite) {
        #expect(defers(RuleKey(Self.set, Self.addressClass), [write]))
        #expect(!defers(RuleKey(Self.set, AddressClassID(rawValue: 31)), [write]))
    }

    @Test("rules of a class that a name loses wait") func rulesOfAClassThatANameLosesWait() {
        let name = NamePrefix(.exact(DomainName("a.example")!))
        let nameClass = NameClassID.derived(from: 40)
        let retired = RetiredIDs(of: [.removeName(name)], addresses: [:], names: [name: nameClass])
        for privateAnswer in [false, true] {
            #expect(retired.defers(.removeRule(RuleKey(Self.set, nameClass, privateAnswer: privateAnswer))))
        }
    }

    @Test("ports always wait and nothing else") func portsAlwaysWaitAndNothingElse() {
        let none = RetiredIDs(of: [], addresses: [:], names: [:])
        #expect(none.defers(.removePort(PortKey(PortSetID(rawValue: 50), .everything))))
        #expect(!none.defers(.removeAddress(Self.prefix)) && !none.defers(.removePod(CgroupID(rawValue: 1))))
    }
}
