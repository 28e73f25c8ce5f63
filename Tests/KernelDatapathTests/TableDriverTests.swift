import Glibc
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

/// In which order things reach the kernel, and what is left when they cannot.
@Suite struct TableDriverTests {
    func rule(_ cause: UInt64) -> Rule { .always(Decision(.allow, CauseID(rawValue: cause))) }
    func address(_ number: UInt32) -> Prefix { Prefix(host: IPAddress(ipv4: number)) }
    func pod(_ policySet: UInt64) -> PodEntry {
        PodEntry(policySet: PolicySetID(rawValue: policySet), flags: [])
    }

    @Test("generation moves with changes and settings alone") func generationMovesWithChangesAndSettingsAlone() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let settings = NodeSettings(levels: [1])
            #expect(try driver.apply(TableChanges(), settings: settings).generation == 1)
            #expect(try driver.apply(TableChanges(), settings: settings).generation == 1)
            let other = NodeSettings(flags: [.audit], levels: [1])
            #expect(try driver.apply(TableChanges(), settings: other).generation == 2)
            var put = TableChanges()
            put.addresses[address(1)] = .some(AddressClassID(rawValue: 5))
            #expect(try driver.apply(put, settings: other).generation == 3)
            #expect(try kernel.config() == NodeConfig(generation: 3, settings: other))
            // An agent that starts anew cannot know what its predecessor was about to do.
            let next = try TableDriver(pins: fixture.pins)
            let repair = try next.compareAndRepair(desired: kernel.tables(), settings: other)
            #expect(repair.differing == 0 && repair.applied.generation == 4)
            let again = try next.compareAndRepair(desired: kernel.tables(), settings: other)
            #expect(again.applied.generation == 4)
        }
    }

    @Test("writes before generation before what is left") func writesBeforeGenerationBeforeWhatIsLeft() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            var random = Seeded(7)
            let old = random.tables(entries: 30)
            let new = random.tables(entries: 30)
            _ = try driver.compareAndRepair(desired: old, settings: NodeSettings())
            var seen: [(write: TableWrite, generation: UInt32)] = []
            driver.beforeWrite = { write in
                seen.append((write, (try? kernel.config()?.generation) ?? 0))
            }
            let changes = TableChanges(from: old, to: new)
            let applied = try driver.apply(changes, settings: NodeSettings())
            #expect(applied.puts + applied.removals == seen.count && applied.removals > 0)
            #expect(applied.deferred > 0 && driver.hasDeferredRemovals && applied.generation == 2)
            try driver.reclaim()
            #expect(!driver.hasDeferredRemovals && driver.generation == 3)
            #expect(applied.puts + applied.removals + applied.deferred == seen.count)
            let count = applied.puts + applied.removals
            #expect(seen.prefix(count).allSatisfy { $0.generation == 1 })
            #expect(seen.dropFirst(count).allSatisfy { $0.generation == 2 })
            let plan = WritePlan(changes, addresses: old.addresses, names: old.names)
            #expect(seen.map { kind($0.write) } == (plan.writes + plan.deferred).map(kind))
            #expect(try kernel.tables().withoutSlots == new)
        }
    }

    /// A set of its own with ports of its own, and a pod that has it.
    func tables(_ number: UInt64) -> VerdictTables {
        var tables = VerdictTables()
        let portSet = PortSetID(rawValue: 100 + number)
        tables.rules[RuleKey(PolicySetID(rawValue: number), .other)] = .byPort(portSet, otherwise: .none)
        tables.ports[PortKey(portSet, .everything)] = Decision(.allow, .none)
        tables.pods[CgroupID(rawValue: 7)] = pod(number)
        return tables
    }

    @Test("what is left stays until its mark is due") func whatIsLeftStaysUntilItsMarkIsDue() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let settings = NodeSettings()
            _ = try driver.compareAndRepair(desired: tables(20), settings: settings)
            _ = try driver.apply(TableChanges(from: tables(20), to: tables(21)), settings: settings)
            #expect(try kernel.pod(CgroupID(rawValue: 7))?.policySet.rawValue == 21)
            let mark = driver.markDeferredRemovals()
            // What comes back stays, and what goes meanwhile is not due.
            _ = try driver.apply(TableChanges(from: tables(21), to: tables(20)), settings: settings)
            #expect(try driver.drainDeferredRemovals(through: mark) == 0)
            #expect(try kernel.tables().rules.count == 2)
            try driver.reclaim()
            #expect(try kernel.tables().withoutSlots == tables(20))
        }
    }

    @Test("what is left is no difference") func whatIsLeftIsNoDifference() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let settings = NodeSettings()
            _ = try driver.compareAndRepair(desired: tables(20), settings: settings)
            _ = try driver.apply(TableChanges(from: tables(20), to: tables(21)), settings: settings)
            #expect(try driver.compareAndRepair(desired: tables(21), settings: settings).differing == 0)
            try driver.reclaim()
            #expect(try kernel.tables().withoutSlots == tables(21))
        }
    }

    @Test("what is left makes room") func whatIsLeftMakesRoom() throws {
        try KernelFixture.with { fixture in
            try fixture.load([.rules: 2])
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let settings = NodeSettings()
            _ = try driver.compareAndRepair(desired: tables(20), settings: settings)
            for number in 21...24 as ClosedRange<UInt64> {
                _ = try driver.apply(TableChanges(from: tables(number - 1), to: tables(number)), settings: settings)
                #expect(try kernel.pod(CgroupID(rawValue: 7))?.policySet.rawValue == number)
            }
            try driver.reclaim()
            #expect(try kernel.tables().withoutSlots == tables(24))
        }
    }

    @Test("what a dead agent left makes room") func whatADeadAgentLeftMakesRoom() throws {
        try KernelFixture.with { fixture in
            try fixture.load([.rules: 2, .ports: 2])
            let settings = NodeSettings()
            for number in 20...22 as ClosedRange<UInt64> {
                let driver = try TableDriver(pins: fixture.pins)
                _ = try driver.compareAndRepair(desired: tables(number), settings: settings)
            }
            let last = try TableDriver(pins: fixture.pins)
            let repair = try last.compareAndRepair(desired: tables(22), settings: settings)
            #expect(repair.differing == 2 && repair.applied.deferred == 2, "the rule and the port of 21")
            try last.reclaim()
            #expect(try KernelTables(pins: fixture.pins).tables().withoutSlots == tables(22))
        }
    }

    @Test("a change that fails leaves nothing behind") func aChangeThatFailsLeavesNothingBehind() throws {
        try KernelFixture.with { fixture in
            try fixture.load([.rules: 2])
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let settings = NodeSettings()
            var old = tables(20)
            _ = try driver.compareAndRepair(desired: old, settings: settings)
            _ = try driver.apply(TableChanges(from: old, to: tables(21)), settings: settings)
            old = tables(21)
            // It puts again what was about to go, finds no room, and is undone.
            var new = tables(20)
            new.rules[RuleKey(PolicySetID(rawValue: 22), .other)] = rule(3)
            #expect(throws: KernelError.self) {
                try driver.apply(TableChanges(from: old, to: new), settings: settings)
            }
            #expect(try kernel.pod(CgroupID(rawValue: 7))?.policySet.rawValue == 21)
            try driver.reclaim()
            #expect(try kernel.tables().withoutSlots == old)
        }
    }

    func kind(_ write: TableWrite) -> Substring { "\(write)".prefix { $0 != "(" } }

    @Test("pods that go make room for those that come", arguments: [1, 100]) func podsThatGoMakeRoomForThoseThatCome(
        count: UInt64
    ) throws {
        try KernelFixture.with { fixture in
            try fixture.load([.pods: UInt32(count)])
            let driver = try TableDriver(pins: fixture.pins)
            var old = VerdictTables()
            var new = VerdictTables()
            for number in 1...count {
                old.pods[CgroupID(rawValue: number)] = pod(1)
                new.pods[CgroupID(rawValue: 1000 + number)] = pod(2)
            }
            _ = try driver.compareAndRepair(desired: old, settings: NodeSettings())
            let applied = try driver.apply(TableChanges(from: old, to: new), settings: NodeSettings())
            #expect(applied.puts == Int(count) && applied.removals == Int(count))
            #expect(try KernelTables(pins: fixture.pins).tables().withoutSlots == new)
            // One more than there is room for, and nobody goes.
            var more = TableChanges()
            more.pods[CgroupID(rawValue: 5000)] = pod(3)
            #expect(throws: KernelError.self) { try driver.apply(more, settings: NodeSettings()) }
            #expect(try KernelTables(pins: fixture.pins).tables().withoutSlots == new)
        }
    }

    /// Full before anything is written, or after the addresses are.
    @Test("a full map leaves the old verdict", arguments: [3, 100], [DatapathMap.addresses, .pods])
    func aFullMapLeavesTheOldVerdict(extra: UInt32, map: DatapathMap) throws {
        try KernelFixture.with { fixture in
            try fixture.load(map == .addresses ? [.addresses: 8] : [.pods: 1])
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            var old = VerdictTables()
            for number in 0..<7 as Range<UInt32> {
                old.addresses[address(number)] = AddressClassID(rawValue: 1)
            }
            old.rules[RuleKey(.guardsOnly, .other)] = rule(1)
            old.pods[CgroupID(rawValue: 76)] = pod(1)
            let settings = NodeSettings()
            _ = try driver.compareAndRepair(desired: old, settings: settings)
            let before = try kernel.tables()
            var changes = TableChanges()
            for number in 0..<(7 + extra) {
                changes.addresses[address(number)] = .some(AddressClassID(rawValue: 2))
            }
            changes.rules[RuleKey(.guardsOnly, .other)] = .some(rule(2))
            changes.rules[RuleKey(PolicySetID(rawValue: 9), .other)] = .some(rule(3))
            changes.pods[CgroupID(rawValue: 77)] = .some(pod(9))
            let error = #expect(throws: KernelError.self) {
                try driver.apply(changes, settings: NodeSettings(flags: [.audit]))
            }
            #expect(
                error?.context == [
                    map == .addresses
                        ? "map addresses has room for 8 entries; \(7 + extra) are needed"
                        : "map pods is full (1 entries)"
                ])
            #expect(error?.object == "map \(map)")
            try driver.reclaim()
            #expect(try kernel.tables() == before)
            #expect(try kernel.config()?.settings == settings)
            // What fits still goes.
            var fits = TableChanges()
            fits.addresses[address(7)] = .some(AddressClassID(rawValue: 3))
            fits.pods[CgroupID(rawValue: 77)] = .some(pod(1))
            fits.pods[CgroupID(rawValue: 76)] = .some(nil)
            _ = try driver.apply(fits, settings: settings)
            #expect(try kernel.pod(CgroupID(rawValue: 77))?.slot == 2)
        }
    }

    @Test("slots are kept released and exhausted") func slotsAreKeptReleasedAndExhausted() throws {
        try KernelFixture.with { fixture in
            try fixture.load([.counters: 3])
            let driver = try TableDriver(pins: fixture.pins)
            let kernel = try KernelTables(pins: fixture.pins)
            let pods = (1...3).map { CgroupID(rawValue: $0) }
            func apply(_ change: (inout TableChanges) -> Void) throws -> TableDriver.Applied {
                var changes = TableChanges()
                change(&changes)
                return try driver.apply(changes, settings: NodeSettings())
            }
            _ = try apply { $0.pods[pods[0]] = .some(pod(1)) }
            _ = try apply { $0.pods[pods[1]] = .some(pod(1)) }
            let third = try apply { $0.pods[pods[2]] = .some(pod(1)) }
            #expect(third.withoutSlot == [pods[2]])
            _ = try apply { $0.pods[pods[0]] = .some(pod(2)) }
            let slots = try pods.map { try kernel.pod($0)?.slot }
            #expect(slots == [1, 2, 0])
            _ = try apply { $0.pods[pods[1]] = .some(nil) }
            _ = try apply { $0.pods[pods[2]] = .some(pod(2)) }
            #expect(try pods.map { try kernel.pod($0)?.slot } == [1, nil, 2])
            let next = try TableDriver(pins: fixture.pins)
            var desired = VerdictTables()
            desired.pods = [pods[0]: pod(2), pods[2]: pod(2), pods[1]: pod(1)]
            let repair = try next.compareAndRepair(desired: desired, settings: NodeSettings())
            #expect(repair.differing == 1 && repair.applied.withoutSlot == [pods[1]])
            #expect(try pods.map { try kernel.pod($0)?.slot } == [1, 0, 2])
        }
    }

    @Test("strange entries are repaired") func strangeEntriesAreRepaired() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let pins = fixture.pins
            var desired = VerdictTables()
            desired.rules[RuleKey(.guardsOnly, .other)] = rule(1)
            let driver = try TableDriver(pins: pins)
            _ = try driver.compareAndRepair(desired: desired, settings: NodeSettings())
            let value = "hex 09 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
            for policySet in ["01", "02"] {
                let key = "hex \(policySet) 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
                try #require(
                    run([
                        "/bin/sh", "-c",
                        "bpftool map update pinned \(pins.path(.rules)) key \(key) value \(value)",
                    ]) == 0)
            }
            let repair = try driver.compareAndRepair(desired: desired, settings: NodeSettings())
            #expect(repair.differing == 3, "one is wanted and missing, two are strange")
            let kernel = try KernelTables(pins: pins)
            #expect(try kernel.tables() == desired)
            #expect(try kernel.fillLevels()[.rules]?.used == 1)
        }
    }

    @Test("too many levels are refused") func tooManyLevelsAreRefused() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let driver = try TableDriver(pins: fixture.pins)
            #expect(throws: KernelError.self) {
                try driver.apply(TableChanges(), settings: NodeSettings(levels: Set(0...8)))
            }
            #expect(try KernelTables(pins: fixture.pins).config() == nil)
        }
    }
}
