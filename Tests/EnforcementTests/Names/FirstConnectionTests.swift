import Glibc
import KernelDatapath
import PacketLab
import Testing

/// The first packet after an answer, whatever form the answer has.
@Suite("First connections after answers", .serialized)
struct FirstConnectionTests {
    @Test(
        "B3: the first packet after each of 10,000 answers passes: by UDP and TCP, with 1 and 100 addresses, by glibc's use-vc"
    )
    func tenThousand() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        // So many connections soon use up the pod's ports.
        try scene.pod.place.set("ipv4/tcp_tw_reuse", "1")
        let count = 10_000
        let ways = [
            ("UDP, 100 addresses", "over_udp($name)", 100, ""), ("TCP, 1 address", "over_tcp($name, 1)", 1, ""),
            ("TCP, 100 addresses", "over_tcp($name, 1)", 100, ""),
            ("glibc, use-vc", "gethostbyname($name)", 1, "use-vc"),
            ("glibc, use-vc, 41 addresses", "gethostbyname($name)", 41, "use-vc"),
        ]
        for (number, (way, how, addresses, options)) in ways.enumerated() {
            let passed = try scene.passes(
                how, names: count, addresses: addresses, first: (number + 1) * 20_000, options: "timeout:2 \(options)")
            print("B3: \(way): \(passed) passed")
            #expect(passed == "\(count) of \(count)", "\(way)")
        }
    }

    @Test("B3: an answer in several packets waits for the agent; without the agent it comes and opens nothing")
    func severalPackets() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        try scene.serverPlace.configure("link set eth0 gso_max_segs 1")
        let passed = try scene.passes("over_tcp($name, 1)", names: 200, addresses: 100)
        print("B3: in several packets: \(passed) passed")
        #expect(passed == "200 of 200")
        // What lies whole in one of them is read in the kernel, the agent is not needed.
        kill(try #require(scene.node.agent).pid, SIGSTOP)
        #expect(try scene.passes("over_tcp($name, 1)", names: 100, addresses: 50, first: 10_000) == "100 of 100")
        let start = KernelClock.now()
        #expect(try scene.passes("over_tcp($name, 1)", names: 2, addresses: 100, first: 20_000) == "0 of 2")
        #expect(KernelClock.now() - start < 10_000_000_000)
        kill(try #require(scene.node.agent).pid, SIGCONT)
        try scene.node.waitUntil("what was left to the agent") { try scene.send("11.30.132.128") == "ok" }
    }
}
