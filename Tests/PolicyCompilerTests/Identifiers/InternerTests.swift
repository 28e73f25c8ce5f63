import PolicyCompiler
import Testing
import VerdictTables

/// Contents whose hashes collide keep identifiers of their own.
@Suite struct InternerTests {
    @Test("contents with one hash get different identifiers") func contentsWithOneHashGetDifferentIdentifiers() {
        var interner = Interner<PolicySetID, String>()
        let ids = ["a", "b", "c"].map { interner.id(of: $0, hash: 4711) }
        #expect(Set(ids).count == 3)
        #expect(ids[0].rawValue == 4711)
        let again = ["a", "b", "c"].map { interner.id(of: $0, hash: 4711) }
        #expect(again == ids)
        #expect(ids.map { interner[$0] } == ["a", "b", "c"])
        #expect(interner.known("b", hash: 4711) == ids[1])
        #expect(interner.known("d", hash: 4711) == nil)
        #expect(interner.count == 3)
    }

    /// The first of two that collide goes: the second, asked for again, must
    /// still be the one that is in use.
    @Test("the one that stays keeps its identifier when the other goes")
    func theOneThatStaysKeepsItsIdentifierWhenTheOtherGoes() {
        var interner = Interner<PolicySetID, String>()
        let first = interner.id(of: "a", hash: 4711)
        _ = interner.retain(first)
        let second = interner.id(of: "b", hash: 4711)
        _ = interner.retain(second)
        check(interner.release(first), is: true)
        #expect(interner.known("b", hash: 4711) == second)
        let again = interner.id(of: "b", hash: 4711)
        #expect(again == second)
        check(interner.release(second), is: true)
        #expect(interner.count == 0)
    }

    @Test("identifiers stay clear of the layout's own") func identifiersStayClearOfTheLayoutsOwn() {
        var interner = Interner<AddressClassID, Int>()
        for hash in UInt64(0)..<16 {
            let id = interner.id(of: Int(hash), hash: hash)
            #expect(id.rawValue >= 16)
        }
        #expect(interner.count == 16)
    }

    @Test("uses are counted") func usesAreCounted() {
        var interner = Interner<PortSetID, String>()
        let id = interner.id(of: "a", hash: 99)
        check(interner.retain(id), is: true)
        check(interner.retain(id), is: false)
        check(interner.release(id), is: false)
        check(interner.release(id), is: true)
        check(interner.release(id), is: false)
        #expect(interner[id] == nil)
    }

    /// The macro cannot call mutating methods itself.
    private func check(
        _ value: Bool, is expected: Bool, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(value == expected, sourceLocation: sourceLocation)
    }
}
