import Glibc
import KernelDatapath
import Testing
import VerdictTables

@Suite struct PinsTests {
    @Test("cleanup leaves nothing") func cleanupLeavesNothing() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            try Attachments(pins: fixture.pins).attach(to: fixture.cgroup)
            let removal = try fixture.pins.removeEverything()
            let programs = DatapathProgram.allCases.count
            #expect(removal.links.count == programs && removal.programs.count >= programs)
            #expect(removal.maps.count == DatapathMap.allCases.count)
            #expect(access(fixture.pins.directory, F_OK) != 0)
            #expect(fixture.mayConnect(), "the programs are detached")
            #expect(try fixture.pins.removeEverything().isEmpty)
        }
    }

    @Test("another layout is built beside and removed after") func anotherLayoutIsBuiltBesideAndRemovedAfter() throws {
        try KernelFixture.with { fixture in
            let old = Pins(directory: fixture.pins.directory, layout: 0)
            _ = try DatapathObject(pins: old)
            try Attachments(pins: old).attach(to: fixture.cgroup)
            try fixture.load()
            #expect(try fixture.pins.layouts() == [0, Pins.currentLayout])
            let attachments = Attachments(pins: fixture.pins)
            #expect(try attachments.list().allSatisfy { !$0.isLive })
            #expect(try attachments.attach(to: fixture.cgroup).updated.count == DatapathProgram.allCases.count)
            let removal = try fixture.pins.removeOtherLayouts()
            #expect(removal.maps.count == DatapathMap.allCases.count && removal.links.isEmpty)
            #expect(try fixture.pins.layouts() == [Pins.currentLayout])
            #expect(try attachments.list().allSatisfy { $0.isLive })
        }
    }

    @Test("maps are taken over") func mapsAreTakenOver() throws {
        try KernelFixture.with { fixture in
            try fixture.load([.addresses: 5])
            let driver = try TableDriver(pins: fixture.pins)
            var random = Seeded(11)
            var tables = random.tables(entries: 4)
            tables.pods = [:]
            _ = try driver.compareAndRepair(desired: tables, settings: NodeSettings())
            // The capacity is the first one's, whatever a later start asks for.
            try fixture.load([.addresses: 50])
            let kernel = try KernelTables(pins: fixture.pins)
            #expect(try kernel.tables() == tables)
            #expect(try kernel.fillLevels()[.addresses]?.capacity == 5)
        }
    }

    @Test("an incompatible map is named") func anIncompatibleMapIsNamed() throws {
        try KernelFixture.with { fixture in
            try fixture.pins.prepare()
            let path = fixture.pins.path(.rules)
            try #require(
                run([
                    "/bin/sh", "-c",
                    "bpftool map create \(path) type hash key 8 value 24 entries 4 name rules",
                ]) == 0)
            let error = #expect(throws: KernelError.self) { try fixture.load() }
            #expect(error?.object == path && error?.operation == .reuse)
            #expect(error?.context.contains("key size: pinned 8, this build 16") == true)
            #expect(error?.advice?.contains("sluice cleanup") == true)
        }
    }

    @Test("pins need a BPF file system") func pinsNeedABPFFileSystem() {
        let error = #expect(throws: KernelError.self) {
            try Pins(directory: "/tmp/sluice-no-bpffs").prepare()
        }
        #expect(error?.advice?.contains("bpffs") == true)
    }
}
