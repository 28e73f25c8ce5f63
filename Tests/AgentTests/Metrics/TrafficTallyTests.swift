import Agent
import AgentAPI
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

@Suite struct TrafficTallyTests {
    private let web = CgroupID(rawValue: 1)
    private let app = CgroupID(rawValue: 2)
    private let job = CgroupID(rawValue: 3)
    private var tally = TrafficTally()

    init() {
        tally.setOwners([
            web: NamespacedName("shop", "web"), app: NamespacedName("shop", "app"),
            job: NamespacedName("batch", "job"),
        ])
    }

    private func counters(_ packets: UInt64) -> FlowCounters {
        var counters = FlowCounters()
        counters.allowed = FlowCounters.Count(packets: packets, bytes: packets * 100, flows: 1)
        return counters
    }

    private func sums() -> [String: UInt64] { tally.sums.mapValues(\.allowed.packets) }

    @Test("A namespace's sum is that of its pods")
    mutating func sum() {
        tally.observe([web: counters(5), app: counters(7), job: counters(1)])
        tally.observe([web: counters(6), app: counters(7), job: counters(1)])
        #expect(sums() == ["shop": 13, "batch": 1])
        #expect(tally.sums["shop"]?.allowed == FlowCounters.Count(packets: 13, bytes: 1300, flows: 2))
        #expect(tally.pods[NamespacedName("shop", "web")] == counters(6))
    }

    @Test("A pod that leaves takes nothing out of its namespace's sum, not even what nobody had seen")
    mutating func departure() {
        tally.observe([web: counters(5), app: counters(7)])
        tally.remove(web, counters(9))
        #expect(sums()["shop"] == 16)
        tally.setOwners([web: nil])
        tally.observe([app: counters(8)])
        #expect(sums()["shop"] == 17)
        #expect(tally.pods[NamespacedName("shop", "web")] == nil)
        #expect(tally.past["shop"] == counters(9))
    }

    @Test("What a pod counted that came and went between two looks is in the sum")
    mutating func brief() {
        tally.remove(web, counters(4))
        tally.observe([app: counters(1)])
        #expect(sums()["shop"] == 5)
    }

    @Test("A cleared slot makes no sum fall")
    mutating func reset() {
        tally.observe([web: counters(50), app: counters(7)])
        tally.observe([web: counters(2), app: counters(7)])
        #expect(sums()["shop"] == 59)
        tally.observe([web: counters(3), app: counters(7)])
        #expect(sums()["shop"] == 60)
        tally.remove(web, counters(4))
        #expect(sums()["shop"] == 61)
    }

    @Test("With its last pod a namespace goes, and another begins at zero")
    mutating func end() {
        tally.observe([job: counters(3), web: counters(1)])
        tally.remove(job, counters(3))
        tally.setOwners([job: nil])
        tally.observe([web: counters(1)])
        #expect(sums() == ["shop": 1])
        #expect(tally.past["batch"] == nil)
        tally.setOwners([job: NamespacedName("batch", "job-2")])
        tally.observe([web: counters(1), job: counters(0)])
        #expect(sums()["batch"] == 0)
    }

    @Test("A pod that nobody owns any more counts until the kernel has let it go")
    mutating func leaving() {
        tally.setOwners([job: nil])
        tally.observe([job: counters(3)])
        #expect(sums()["batch"] == 3)
        tally.observe([:])
        #expect(sums()["batch"] == nil)
    }

    @Test("A cgroup that gets another owner takes no packets to the other's namespace")
    mutating func owner() {
        tally.observe([web: counters(5), job: counters(1)])
        tally.setOwners([web: NamespacedName("batch", "web")])
        tally.observe([web: counters(6), job: counters(1)])
        #expect(sums() == ["shop": 6, "batch": 1])
    }

    @Test("Packets of cgroups without an owner wait for one")
    mutating func unknown() {
        let stranger = CgroupID(rawValue: 9)
        tally.observe([stranger: counters(5)])
        #expect(sums() == ["shop": 0, "batch": 0])
        tally.setOwners([stranger: NamespacedName("shop", "late")])
        tally.observe([stranger: counters(6)])
        #expect(sums()["shop"] == 6)
    }

    @Test("A new agent's sums go on where the old one's ended")
    mutating func restart() {
        tally.observe([web: counters(5), app: counters(7), job: counters(1)])
        tally.remove(web, counters(5))
        let owners = [app: NamespacedName("shop", "app"), job: NamespacedName("batch", "job")]
        var next = TrafficTally(past: tally.past, owners: owners)
        // One pod left while nobody looked: the first comparison finds it.
        next.remove(job, counters(2))
        next.setOwners([app: NamespacedName("shop", "app")])
        next.observe([app: counters(9)])
        #expect(next.sums.mapValues(\.allowed.packets) == ["shop": 14])
        // Whom the earlier agent knew and nobody else does is forgotten with its entry.
        var other = TrafficTally(past: tally.past, owners: owners)
        other.setOwners([job: NamespacedName("batch", "job")])
        other.observe([job: counters(2)])
        #expect(other.sums.mapValues(\.allowed.packets) == ["batch": 2])
    }
}
