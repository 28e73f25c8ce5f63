import Glibc
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

/// The kernel gives back what it was given, and looks up as the values do.
@Suite struct KernelTablesTests {
    @Test("tables written to the kernel are read back", arguments: [UInt64(1), 2, 3]) func roundTrip(seed: UInt64)
        throws
    {
        try KernelFixture.with { fixture in
            try fixture.load()
            var random = Seeded(seed)
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            for entries in [40, 3000, 500] {
                let desired = random.tables(entries: entries)
                _ = try driver.compareAndRepair(desired: desired, settings: NodeSettings())
                try driver.reclaim()
                #expect(try kernel.tables().withoutSlots == desired, "seed \(seed)")
            }
            _ = try driver.compareAndRepair(desired: VerdictTables(), settings: NodeSettings())
            try driver.reclaim()
            #expect(try kernel.tables() == VerdictTables())
        }
    }

    @Test("the kernel's look-ups agree with the tables'") func lookupsAgree() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let seed: UInt64 = 20_251
            var random = Seeded(seed)
            let tables = random.tables(entries: 3000)
            let driver = try TableDriver(pins: fixture.pins)
            _ = try driver.compareAndRepair(desired: tables, settings: NodeSettings())
            let kernel = try KernelTables(pins: fixture.pins)
            var (found, named) = (0, 0)
            for _ in 0..<20_000 {
                let policySet = PolicySetID(rawValue: random.next() % 17 + 1)
                let address = random.address()
                let number: UInt8 = [1, 6, 17, 132, 47].randomElement(using: &random) ?? 6
                let port = UInt16.random(in: 0...0xffff, using: &random)
                let names = (0..<Int.random(in: 0...3, using: &random)).map { _ in random.name() }
                let expected = try tables.judge(policySet, to: address, protocol: number, port: port, names: names)
                let actual = try kernel.judge(policySet, to: address, protocol: number, port: port, names: names)
                try #require(expected == actual, "seed \(seed): \(policySet) to \(address)")
                if expected.addressClass != .other { found += 1 }
                if expected.name != nil { named += 1 }
            }
            #expect(found > 5_000)
            #expect(named > 500)
        }
    }

    @Test("read only and without anything") func readOnlyAndWithoutAnything() throws {
        try KernelFixture.with { fixture in
            let error = #expect(throws: KernelError.self) { try KernelTables(pins: fixture.pins) }
            #expect(error?.code == ENOENT)
            #expect(error?.description.contains("is the agent installed here?") == true)
            try fixture.load()
            let kernel = try KernelTables(pins: fixture.pins)
            #expect(try kernel.config() == nil)
            #expect(try kernel.lostEvents() == LostEvents())
            #expect(try kernel.replies().isEmpty)
            #expect(try kernel.fillLevels()[.pods] == FillLevel(used: 0, capacity: 4096))
        }
    }
}
