import Glibc
import KernelDatapath
import Synchronization
import Testing
import VerdictTables

@Suite(.serialized) struct RingBufferReaderTests {
    @Test("C5: an error ends no reading: records come on, it is told of, and gone once it is over")
    func failures() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let level = try #require(fixture.tree.level(ofPath: fixture.cgroup))
            _ = try TableDriver(pins: fixture.pins).apply(
                TableChanges(), settings: NodeSettings(levels: [UInt8(level)]))
            try Attachments(pins: fixture.pins).attach(to: fixture.cgroup)
            let isBroken = Atomic(true)
            let records = Atomic(0)
            let reader = try RingBufferReader(
                .events, pins: fixture.pins, waking: .byTime,
                RingBufferReader.Receiver(
                    record: { _ in records.add(1, ordering: .relaxed) },
                    pause: { () throws(KernelError) in
                        if isBroken.load(ordering: .relaxed) { throw KernelError(.read, "map recent", code: ENOMEM) }
                    }))
            func wait(_ condition: () -> Bool) { for _ in 0..<500 where !condition() { usleep(10_000) } }
            wait { reader.failures > 1 }
            #expect(reader.failure?.code == ENOMEM && reader.failures > 1)
            #expect(!fixture.mayConnect())
            wait { records.load(ordering: .relaxed) > 0 }
            #expect(
                records.load(ordering: .relaxed) > 0, "what waits in the buffer is read though something else fails")
            isBroken.store(false, ordering: .relaxed)
            wait { reader.failure == nil }
            #expect(reader.failure == nil)
            reader.stop()
        }
    }

    @Test("C10: what is held back comes when it may")
    func held() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let level = try #require(fixture.tree.level(ofPath: fixture.cgroup))
            _ = try TableDriver(pins: fixture.pins).apply(
                TableChanges(), settings: NodeSettings(levels: [UInt8(level)]))
            try Attachments(pins: fixture.pins).attach(to: fixture.cgroup)
            let events = Atomic(0)
            let reader = try EventReader(pins: fixture.pins, isHeld: true) { _ in events.add(1, ordering: .relaxed) }
            #expect(!fixture.mayConnect())
            reader.catchUp()
            usleep(200_000)
            #expect(events.load(ordering: .relaxed) == 0)
            reader.begin()
            reader.catchUp()
            #expect(events.load(ordering: .relaxed) > 0)
            reader.stop()
        }
    }

    @Test("C5: pauses between attempts grow, and never so long that the buffer fills up")
    func pauses() {
        #expect((1...8).map { RetryPause().milliseconds(after: $0) } == [100, 200, 400, 800, 1600, 2000, 2000, 2000])
    }
}
