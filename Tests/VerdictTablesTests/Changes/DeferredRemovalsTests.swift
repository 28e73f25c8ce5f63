import PolicyModel
import Testing
import VerdictTables

@Suite struct DeferredRemovalsTests {
    static func rule(_ number: UInt64) -> RuleKey { RuleKey(PolicySetID(rawValue: number), .other) }
    static func port(_ number: UInt64) -> PortKey { PortKey(PortSetID(rawValue: number), .everything) }
    static let allow = Rule.always(Decision(.allow, .none))

    var removals = DeferredRemovals()

    @Test("rules go before the ports that they lead to") mutating func rulesGoBeforeThePortsThatTheyLeadTo() {
        removals.add(.removePort(Self.port(1)))
        removals.add(.removeRule(Self.rule(1)))
        let mark = removals.mark()
        #expect(removals.drain(through: mark) == [.removeRule(Self.rule(1)), .removePort(Self.port(1))])
        #expect(removals.isEmpty)
    }

    @Test("what comes after the mark waits for the next") mutating func whatComesAfterTheMarkWaitsForTheNext() {
        removals.add(.removeRule(Self.rule(1)))
        let first = removals.mark()
        removals.add(.removeRule(Self.rule(2)))
        #expect(removals.drain(through: first) == [.removeRule(Self.rule(1))])
        #expect(removals.drain(through: first) == [])
        let second = removals.mark()
        #expect(removals.drain(through: second) == [.removeRule(Self.rule(2))])
    }

    @Test("what is put again stays") mutating func whatIsPutAgainStays() {
        removals.add(.removeRule(Self.rule(1)))
        removals.add(.removePort(Self.port(1)))
        let mark = removals.mark()
        removals.record(.putRule(Self.rule(1), Self.allow))
        removals.record(.putPort(Self.port(1), Decision(.allow, .none)))
        #expect(removals.isEmpty && removals.drain(through: mark) == [])
    }

    @Test("put again and left again it waits anew") mutating func leftTwice() {
        removals.add(.removeRule(Self.rule(1)))
        let mark = removals.mark()
        removals.record(.putRule(Self.rule(1), Self.allow))
        removals.add(.removeRule(Self.rule(1)))
        #expect(removals.drain(through: mark) == [] && removals.count == 1)
    }

    @Test("a put that is undone leaves what was left before, to wait anew") mutating func restored() {
        for number in 1...2 as ClosedRange<UInt64> { removals.add(.removeRule(Self.rule(number))) }
        let mark = removals.mark()
        let earlier = removals
        removals.record(.putRule(Self.rule(1), Self.allow))
        removals.restore(earlier)
        #expect(removals.drain(through: mark) == [.removeRule(Self.rule(2))])
        #expect(removals.count == 1)
    }

    @Test("what tables hold is none of them") mutating func whatTablesHoldIsNoneOfThem() {
        removals.add(.removeRule(Self.rule(1)))
        removals.add(.removeRule(Self.rule(2)))
        var desired = VerdictTables()
        desired.rules[Self.rule(1)] = Self.allow
        var read = desired
        read.rules[Self.rule(2)] = Self.allow
        removals.cancel(heldBy: desired)
        removals.subtract(from: &read)
        #expect(removals.count == 1 && read == desired)
    }

    @Test("a rule that would be found again and is not put goes at once") mutating func revived() {
        let set = PolicySetID(rawValue: 1)
        let (old, new) = (AddressClassID(rawValue: 30), AddressClassID(rawValue: 31))
        removals.add(.removeRule(RuleKey(set, old)))
        let address = Prefix("10.0.0.1/32")!
        #expect(removals.revived(by: [.putAddress(address, new)]) == [])
        #expect(removals.revived(by: [.putAddress(address, old)]) == [.removeRule(RuleKey(set, old))])
        #expect(removals.revived(by: [.putRule(RuleKey(set, old), Self.allow), .putAddress(address, old)]) == [])
        // Its set is gone: only programs that run ask for it.
        removals.add(.removeRule(RuleKey(set, .other)))
        #expect(removals.revived(by: [.putAddress(address, old)]) == [])
        #expect(removals.revived(by: [.putRule(RuleKey(set, .other), Self.allow)]) == [.removeRule(RuleKey(set, old))])
    }
}
