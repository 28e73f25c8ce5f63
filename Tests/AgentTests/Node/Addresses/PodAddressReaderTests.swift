import Agent
import TestHarness
import Testing

@Suite struct PodAddressReaderTests {
    @Test("A4: an agent that does not see pods' processes says so, and knows no addresses")
    func hidden() throws {
        let tree = try TemporaryDirectory()
        try tree.makeDirectory("pod1/pause")
        try tree.write("pod1/cgroup.procs", "")
        try tree.write("pod1/pause/cgroup.procs", "0\n")
        let reader = PodAddressReader(cgroupRoot: tree.root)
        #expect(reader.finding(ofPodAt: "pod1") == .init(isHidden: true))
        #expect(reader.finding(ofPodAt: "gone") == .init())
    }
}
