import Agent
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

@Suite struct SocketAttemptTests {
    private func attempt(_ family: UInt16, _ count: UInt64, refused: Bool = true) -> SocketAttempt {
        SocketAttempt(
            cgroup: CgroupID(rawValue: 7), family: family, refused: refused, count: count, pid: 1, process: "tcpdump")
    }

    @Test("an attempt is told once, and then by how many there are more")
    func tally() {
        var tally = SocketAttemptTally()
        #expect(tally.news(of: []).isEmpty)
        #expect(tally.news(of: [attempt(17, 2)]) == [attempt(17, 2)])
        #expect(tally.news(of: [attempt(17, 2)]).isEmpty)
        #expect(tally.news(of: [attempt(17, 5), attempt(44, 1)]) == [attempt(17, 3), attempt(44, 1)])
        #expect(tally.news(of: [attempt(17, 5), attempt(17, 1, refused: false)]) == [attempt(17, 1, refused: false)])
        // The kernel forgot it meanwhile.
        #expect(tally.news(of: [attempt(17, 1)]) == [attempt(17, 1)])
    }

    @Test("families bear the names that programs know them by")
    func names() {
        #expect(attempt(17, 1).familyName == "AF_PACKET" && attempt(44, 1).familyName == "AF_XDP")
        #expect(attempt(2, 1).familyName == "IPPROTO_SMC" && attempt(45, 1).familyName == "AF 45")
    }
}
