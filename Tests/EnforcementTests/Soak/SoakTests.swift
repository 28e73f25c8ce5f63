import Glibc
import PacketLab
import TestHarness
import Testing

/// `make soak`: see docs/soak.md.
@Suite(.serialized) struct SoakTests {
    private static let seconds = getenv("SOAK_SECONDS").flatMap { Int(String(cString: $0)) }

    @Test(
        "C1, C12: after a million flows, a hundred thousand answers and ten thousand pods an agent is what it was",
        .enabled(if: Self.seconds != nil, "SOAK_SECONDS says for how long: make soak"))
    func anAgentLasts() throws {
        let scene = try SoakScene(seed: chosenSeed)
        defer { scene.close() }
        let tenths = try scene.go(for: Self.seconds ?? 60)
        print(SoakReport(tenths).text)
        #expect(scene.node.agent?.hasEnded == false)
        #expect(tenths.reduce(0) { $0 + $1.told } >= 950_000, "more than a twentieth of the events was lost")
        #expect(tenths.reduce(0) { $0 + $1.answers } >= 95_000)
        let (first, last) = (tenths[0], tenths[9])
        #expect(last.nanosecondsPerEvent < first.nanosecondsPerEvent * 1.5, "an event costs more and more")
        #expect(last.resident < first.resident + first.resident / 5 + (4 << 20), "memory grows")
        #expect(last.descriptors <= first.descriptors + 4 && last.threads <= first.threads + 4)
    }
}
