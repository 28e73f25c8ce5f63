import PolicyModel
import Testing
import VerdictTables

@Suite struct DeferredRemovalsTests {
    static func rule(_ number: UInt64) -> RuleKey { RuleKey(PolicySetID(rawValue: number), .other) }
    static func port(_ number: UInt64) -> PortKey { PortKey(PortSetID(rawValue: number), .everything) }
    static let allow = Rule.always(Decision(.allow, .none))

    var leftovers = DeferredRemovals()

    @Test("rules go before the ports that they lead to") mutating func rulesGoBeforeThePortsThatTheyLeadTo() {
        leftovers.add(.removePort(Self.port(1)))
        leftovers.add(.removeRule(Self.rule(1)))
        let mark = leftovers.mark()
        #expect(leftovers.take(upTo: mark) == [.removeRule(Self.rule(1)), .removePort(Self.port(1))])
        #expect(leftovers.isEmpty)
    }

    @Test("what comes after the mark waits for the next") mutating func whatComesAfterTheMarkWaitsForTheNext() {
        leftovers.add(.removeRule(Self.rule(1)))
        let first = leftovers.mark()
        leftovers.add(.removeRule(Self.rule(2)))
        #expect(leftovers.take(upTo: first) == [.removeRule(Self.rule(1))])
        #expect(leftovers.take(upTo: first) == [])
        let second = leftovers.mark()
        #expect(leftovers.take(upTo: second) == [.removeRule(Self.rule(2))])
    }

    @Test("what is put again stays") mutating func whatIsPutAgainStays() {
        leftovers.add(.removeRule(Self.rule(1)))
        leftovers.add(.removePort(Self.port(1)))
        let mark = leftovers.mark()
        leftovers.note(.putRule(Self.rule(1), Self.allow))
        leftovers.note(.putPort(Self.port(1), Decision(.allow, .none)))
        #expect(leftovers.isEmpty && leftovers.take(upTo: mark) == [])
    }

    @Test("put again and left again it waits anew") mutating func leftTwice() {
        leftovers.add(.removeRule(Self.rule(1)))
        let mark = leftovers.mark()
        leftovers.note(.putRule(Self.rule(1), Self.allow))
        leftovers.add(.removeRule(Self.rule(1)))
        #expect(leftovers.take(upTo: mark) == [] && leftovers.count == 1)
    }

    @Test("a put that is undone leaves what was left before, to wait anew") mutating func restored() {
        for number in 1...2 as ClosedRange<UInt64> { leftovers.add(.removeRule(Self.rule(number))) }
        let mark = leftovers.mark()
        let earlier = leftovers
        leftovers.note(.putRule(Self.rule(1), Self.allow))
        leftovers.restore(earlier)
        #expect(leftovers.take(upTo: mark) == [.removeRule(Self.rule(2))])
        #expect(leftovers.count == 1)
    }

    @Test("what tables hold is none of them") mutating func whatTablesHoldIsNoneOfThem() {
        leftovers.add(.removeRule(Self.rule(1)))
        leftovers.add(.removeRule(Self.rule(2)))
        var desired = VerdictTables()
        desired.rules[Self.rule(1)] = Self.allow
        var read = desired
        read.rules[Self.rule(2)] = Self.allow
        leftovers.takeBack(desired)
        leftovers.subtract(from: &read)
        #expect(leftovers.count == 1 && read == desired)
    }

    @Test("a rule that would be found again and is not put goes at once") mutating func revived() {
        let set = PolicySetID(rawValue: 1)
        let (old, new) = (AddressClassID(rawValue: 30), AddressClassID(rawValue: 31))
        leftovers.add(.removeRule(RuleKey(set, old)))
        let address = Prefix("10.0.0.1/32")!
        #expect(leftovers.revived(by: [.putAddress(address, new)]) == [])
        #expect(leftovers.revived(by: [.putAddress(address, old)]) == [.removeRule(RuleKey(set, old))])
        #expect(leftovers.revived(by: [.putRule(RuleKey(set, old), Self.allow), .putAddress(address, old)]) == [])
        // Its set is gone: only programs that run ask for it.
        leftovers.add(.removeRule(RuleKey(set, .other)))
        #expect(leftovers.revived(by: [.putAddress(address, old)]) == [])
        #expect(leftovers.revived(by: [.putRule(RuleKey(set, .other), Self.allow)]) == [.removeRule(RuleKey(set, old))])
    }
}
