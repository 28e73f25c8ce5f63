import Glibc
import KernelDatapath
import PolicyModel
import Synchronization
import Testing
import VerdictTables

@Suite struct AttachmentsTests {
    let all = DatapathProgram.allCases

    @Test("attach take over and detach") func attachTakeOverAndDetach() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let attachments = Attachments(pins: fixture.pins)
            let first = try attachments.attach(to: fixture.cgroup)
            #expect(first.attached == all && first.attached.first == .sockCreate)
            #expect(try attachments.attach(to: fixture.cgroup).unchanged == all)
            let links = try attachments.list().map { link($0.state) }
            // Another start of the agent: new programs, the same links.
            try fixture.load()
            #expect(try attachments.list().allSatisfy { !$0.isLive })
            let second = try attachments.attach(to: fixture.cgroup)
            #expect(second.updated == all && second.attached.isEmpty)
            let after = try attachments.list()
            #expect(after.allSatisfy { $0.isLive } && after.count == all.count)
            #expect(links == after.map { link($0.state) })
            try attachments.detach(fixture.cgroupID)
            #expect(try attachments.list().isEmpty)
            try attachments.detachAll()
        }
    }

    func link(_ state: AttachedProgram.State) -> UInt32? {
        switch state {
        case .live(let link, _), .otherProgram(let link, _): link
        case .detached, .missing: nil
        }
    }

    @Test("dead and missing links are seen and replaced") func deadAndMissingLinksAreSeenAndReplaced() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let attachments = Attachments(pins: fixture.pins)
            try attachments.attach(to: fixture.cgroup)
            let id = try fixture.cgroupID
            let egress = fixture.pins.path(.egress, at: id)
            try #require(run(["/bin/sh", "-c", "bpftool link detach pinned \(egress)"]) == 0)
            unlink(fixture.pins.path(.connect4, at: id))
            let states = Dictionary(
                uniqueKeysWithValues: try attachments.list().map { ($0.program, $0.state) })
            #expect(states[.egress] == .detached && states[.connect4] == .missing)
            let change = try attachments.attach(to: fixture.cgroup)
            #expect(change.attached == [.egress, .connect4] && change.unchanged.count == all.count - 2)
            #expect(try attachments.list().allSatisfy { $0.isLive })
        }
    }

    @Test("a recreated cgroup is attached anew") func aRecreatedCgroupIsAttachedAnew() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let attachments = Attachments(pins: fixture.pins)
            try attachments.attach(to: fixture.cgroup)
            let old = try fixture.cgroupID
            fixture.removeCgroup()
            // The kernel lets go of a dead cgroup's links in its own time.
            for _ in 0..<100 where try attachments.list().contains(where: { $0.isLive }) {
                usleep(20_000)
            }
            #expect(try attachments.list().allSatisfy { $0.state == .detached })
            fixture.makeCgroup()
            let change = try attachments.attach(to: fixture.cgroup)
            #expect(change.cgroup != old && change.attached == all)
            try attachments.detach(old)
            #expect(try attachments.list().allSatisfy { $0.isLive })
        }
    }

    @Test("a missing cgroup is an error") func aMissingCgroupIsAnError() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let error = #expect(throws: KernelError.self) {
                try Attachments(pins: fixture.pins).attach(to: fixture.cgroup + "/none")
            }
            #expect(error?.code == ENOENT)
            #expect(try Attachments(pins: fixture.pins).cgroups().isEmpty)
        }
    }

    @Test("enforcement outlives its loader") func enforcementOutlivesItsLoader() throws {
        try KernelFixture.with { fixture in
            #expect(fixture.mayConnect())
            try fixture.load()
            // No tables: everything is denied, which tells that somebody judges.
            let level = try #require(fixture.tree.level(ofPath: fixture.cgroup))
            let driver = try TableDriver(pins: fixture.pins)
            _ = try driver.apply(
                TableChanges(), settings: NodeSettings(levels: [UInt8(level)]))
            let seen = Mutex<[FlowEvent]>([])
            let reader = try EventReader(pins: fixture.pins) { event in
                seen.withLock { $0.append(event) }
            }
            try Attachments(pins: fixture.pins).attach(to: fixture.cgroup)
            #expect(!fixture.mayConnect())
            for _ in 0..<100 where seen.withLock({ $0.isEmpty }) { usleep(20_000) }
            reader.stop()
            reader.stop()
            let event = try #require(seen.withLock { $0.first })
            #expect(event.verdict == .denied && event.hook == .connect && event.port == 9)
            #expect(event.command == "bash")
            #expect(try event.pod == fixture.cgroupID)
            #expect(reader.strangeRecords == 0 && reader.failure == nil)
            let age = Int64(time(nil)) - Int64(KernelClock.wallClock(of: event.time) / 1_000_000_000)
            #expect((-2...60).contains(age))
            #expect(try KernelTables(pins: fixture.pins).counters(slot: 0).denied.packets == 1)
            var allow = TableChanges()
            allow.rules[RuleKey(.guardsOnly, .other)] = .some(
                .always(Decision(.allow, CauseID(rawValue: 1))))
            _ = try driver.apply(allow, settings: NodeSettings(levels: [UInt8(level)]))
            #expect(fixture.mayConnect())
        }
    }
}
