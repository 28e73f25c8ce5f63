import CLibbpf
import CSluice
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

/// Both that note names for addresses, the program and the agent, choose the same places.
@Suite struct NotingTests {
    /// bpf/note_name.bpf.c: `learn` of bpf/src/dns_answer.h.
    private final class KernelNames {
        private let object: TestObject

        init() throws { object = try TestObject("note_name", program: "note_one") }

        func note(_ name: LearnedName, at place: LearnedPlace) throws {
            var zero: UInt32 = 0
            var note = (LearnedCodec.encode(key: place), LearnedCodec.encode(value: name))
            guard bpf_map_update_elem(object.map("note"), &zero, &note, 0) == 0 else {
                throw TestObject.Failed(what: "note")
            }
            try object.start(on: AnswerPackets.framed([]))
        }

        func name(at place: LearnedPlace) -> LearnedName? {
            var key = LearnedCodec.encode(key: place)
            var value = sluice_learned()
            guard bpf_map_lookup_elem(object.map("sluice_dns_allowed"), &key, &value) == 0 else { return nil }
            return LearnedCodec.decode(value: value)
        }
    }

    @Test("twenty thousand names, new, renewed, ended and crowded out, take the same places in both")
    func samePlaces() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            let kernel = try KernelNames()
            let agent = try LearnedNames(pins: fixture.pins, readOnly: false)
            let agentMap = try BPFMap<LearnedCodec>(pins: fixture.pins, readOnly: true)
            let namespace = NetworkNamespaceID(rawValue: 7)
            var random = Seeded(20_261_122)
            var now: UInt64 = 1
            var crowded = 0
            for number in 1...20_000 {
                // Few moments, so that many names end at the same one.
                now += UInt64.random(in: 0...2, using: &random)
                let address = IPAddress(ipv4: 0x0b00_0001 + UInt32.random(in: 0...1, using: &random))
                let name = LearnedName(
                    name: "n\(Int.random(in: 1...14, using: &random)).example.com",
                    pod: CgroupID(rawValue: UInt64.random(in: 1...2, using: &random)), heard: now,
                    expires: now + UInt64.random(in: 0...40, using: &random))
                let places = (0..<UInt32(SLUICE_NAMES_PER_ADDRESS)).map { LearnedPlace(namespace, address, index: $0) }
                if places.allSatisfy({ kernel.name(at: $0).map { $0.expires > now && $0.name != name.name } ?? false })
                {
                    crowded += 1
                }
                try kernel.note(name, at: places[0])
                try agent.record(name, of: address, in: namespace, slot: 1, covered: true)
                for place in places {
                    let (inKernel, ofAgent) = (kernel.name(at: place), try agentMap.lookup(place))
                    guard inKernel == ofAgent else {
                        Issue.record(
                            "note \(number), \(name), place \(place.index): \(String(describing: inKernel)) in the kernel, \(String(describing: ofAgent)) by the agent"
                        )
                        return
                    }
                }
            }
            // Some took the place of names whose time was not over.
            #expect(crowded > 100, "\(crowded)")
        }
    }
}
