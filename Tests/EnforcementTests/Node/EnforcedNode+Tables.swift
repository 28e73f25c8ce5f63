import KernelDatapath
import Testing
import VerdictTables

extension EnforcedNode {
    /// The kernel's tables against those of an agent that starts from nothing on the same node.
    func expectTablesAsIfNew() throws {
        // The last removals may still be under way; another change comes after them.
        try settle()
        let grown = try tablesWithoutSlots()
        killAgent()
        _ = try pins.removeEverything()
        try launch()
        var fresh = VerdictTables()
        try? waitUntil("tables of a new agent") {
            fresh = (try? tablesWithoutSlots()) ?? VerdictTables()
            return fresh == grown
        }
        #expect(grown.pods == fresh.pods)
        #expect(Self.difference(grown.addresses, fresh.addresses) == [])
        #expect(Self.difference(grown.rules, fresh.rules) == [])
        #expect(Self.difference(grown.ports, fresh.ports) == [])
    }

    private static func difference<Key, Value: Equatable>(_ left: [Key: Value], _ right: [Key: Value]) -> [String] {
        left.filter { right[$0.key] != $0.value }.map { "\($0) is left" }
            + right.filter { left[$0.key] != $0.value }.map { "\($0) is missing" }
    }

    /// Which pod has which counter slot is history.
    private func tablesWithoutSlots() throws -> VerdictTables {
        var tables = try KernelTables(pins: pins).tables()
        for cgroup in tables.pods.keys { tables.pods[cgroup]?.slot = 0 }
        return tables
    }
}
