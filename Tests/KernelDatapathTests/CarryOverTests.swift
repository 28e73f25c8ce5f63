import CLibbpf
import Glibc
import KernelDatapath
import LinuxBase
import PolicyModel
import Testing
import VerdictTables

/// What another layout's programs had learned from packets.
@Suite struct CarryOverTests {
    private static let request = ReplyTuple(
        pod: CgroupID(rawValue: 77), remote: IPAddress("192.0.2.7")!, remotePort: 4000, localPort: 53,
        protocolNumber: 17)
    private static let heard = ReplyMark(seen: 5, direction: .inbound, socket: 9)

    /// Attaches another layout's programs, lets `prepare` change its maps, and this one's after it.
    private func upgrade(
        _ fixture: KernelFixture, _ prepare: (Pins) throws -> Void
    ) throws -> [ReplyTuple: ReplyMark] {
        let old = Pins(directory: fixture.pins.directory, layout: 0)
        _ = try DatapathObject(pins: old)
        try Attachments(pins: old).attach(to: fixture.cgroup)
        try BPFMap<ReplyCodec>(pins: old, readOnly: false).update(Self.request, Self.heard)
        try fixture.load()
        try prepare(old)
        let change = try Attachments(pins: fixture.pins).attach(to: fixture.cgroup)
        #expect(Set(change.updated) == Set(DatapathProgram.allCases))
        #expect(try Attachments(pins: fixture.pins).list().count == DatapathProgram.allCases.count)
        var replies: [ReplyTuple: ReplyMark] = [:]
        try BPFMap<ReplyCodec>(pins: fixture.pins, readOnly: true).forEach { replies[$0] = $1 }
        return replies
    }

    @Test("requests that were heard are known to the new programs")
    func requestsThatWereHeardAreKnownToTheNewPrograms() throws {
        try KernelFixture.with { fixture in
            let replies = try upgrade(fixture) { _ in }
            #expect(replies == [Self.request: Self.heard])
        }
    }

    @Test("what an earlier upgrade left half done is overwritten")
    func whatAnEarlierUpgradeLeftHalfDoneIsOverwritten() throws {
        try KernelFixture.with { fixture in
            let replies = try upgrade(fixture) { _ in
                try BPFMap<ReplyCodec>(pins: fixture.pins, readOnly: false)
                    .update(Self.request, ReplyMark(seen: 1, direction: .outbound))
            }
            #expect(replies == [Self.request: Self.heard])
        }
    }

    @Test("a layout on which nothing runs tells nothing") func aLayoutOnWhichNothingRunsTellsNothing() throws {
        try KernelFixture.with { fixture in
            let idle = Pins(directory: fixture.pins.directory, layout: 900)
            var stale = Self.request
            stale.localPort = 54
            let replies = try upgrade(fixture) { _ in
                _ = try DatapathObject(pins: idle)
                try BPFMap<ReplyCodec>(pins: idle, readOnly: false).update(stale, Self.heard)
            }
            #expect(replies == [Self.request: Self.heard])
        }
    }

    @Test("a map of another form is left alone") func aMapOfAnotherFormIsLeftAlone() throws {
        try KernelFixture.with { fixture in
            let replies = try upgrade(fixture) { old in
                // `verdicts` has another form, and is no map that can be gone through.
                let other = try Descriptor(map: .verdicts, of: old, readOnly: false)
                #expect(unlink(old.path(.replies)) == 0)
                #expect(bpf_obj_pin(other.raw, old.path(.replies)) == 0)
            }
            #expect(replies.isEmpty)
        }
    }

    @Test("a form is the structure with its members") func aFormIsTheStructureWithItsMembers() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            func format(_ map: DatapathMap) throws -> MapFormat? {
                MapFormat(try MapInfo(Descriptor(map: map, of: fixture.pins, readOnly: true), map))
            }
            let replies = try #require(try format(.replies))
            #expect(replies.key.hasPrefix("sluice_reply_key 32 {pod @0 8, address @64 [16 1], port @192 2,"))
            #expect(
                replies.value
                    == "sluice_reply 32 {seen_ns @0 8, socket @64 8, netns @128 8, direction @192 1, again @200 1, cell @208 2, zero @224 4, }"
            )
            for map in DatapathMap.allCases where ![.verdicts, .dnsStreams, .events, .dnsEvents].contains(map) {
                let form = try format(map)
                #expect(form != nil, "\(map)")
            }
            let learned = try format(.dnsAllowed)
            #expect(try format(.dnsSeen) == learned)
            #expect(try format(.dnsQueries) != learned)
        }
    }
}
