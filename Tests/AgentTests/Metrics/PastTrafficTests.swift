import Agent
import AgentAPI
import KernelDatapath
import TestHarness
import Testing

@Suite struct PastTrafficTests {
    @Test("What was written is read again, for the same map only")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        var counters = FlowCounters()
        counters.denied = FlowCounters.Count(packets: 1, bytes: 2, flows: 3)
        let past = PastTraffic(map: 7, namespaces: ["shop": counters])
        try past.write(to: directory.root)
        #expect(PastTraffic.read(from: directory.root, map: 7) == past)
        #expect(PastTraffic.read(from: directory.root, map: 8) == nil)
    }

    @Test("A file that is not there or not whole is as good as none")
    func broken() throws {
        let directory = try TemporaryDirectory()
        #expect(PastTraffic.read(from: directory.root, map: 7) == nil)
        try directory.write(PastTraffic.fileName, "{\"map\": 7, \"namesp")
        #expect(PastTraffic.read(from: directory.root, map: 7) == nil)
    }
}
