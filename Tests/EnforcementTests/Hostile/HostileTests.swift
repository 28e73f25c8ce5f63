import PacketLab
import TestHarness
import Testing

/// A short form of what runs beside the faults of `make faults`.
@Suite(.serialized) struct HostileTests {
    @Test("A: whatever a hostile pod sends, nothing leaves it but where it may go, in its own name")
    func nothingSlipsPast() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod("hostile")
        try node.policy(egress: "[\(Manifest.rule("10.9.0.2/32", "fd09::2/128"))]")
        try node.start()
        let traffic = try HostileTraffic(pod, seed: chosenSeed, allowed: Scene.ports.map { address($0) })
        for _ in 0..<40 { try traffic.round() }
        try traffic.close()
        print("hostile traffic, seed \(chosenSeed): \(traffic.count.kinds.sorted { $0.key < $1.key })")
        #expect(traffic.count.wrong == 0, "seed \(chosenSeed): \(traffic.count.firstWrong ?? "")")
    }
}
