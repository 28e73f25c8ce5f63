import FoundationEssentials
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A socket belongs to the cgroup that its maker was in: documented, and the same in the kernel.
@Suite(.serialized) struct ForeignSocketTests {
    private func node() throws -> (EnforcedNode, EnforcedPod) {
        let node = try EnforcedNode("--no-fail-fast")
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        try node.start()
        return (node, pod)
    }

    private func sends(_ process: PodProcess, _ socket: SocketID, _ pod: EnforcedPod) throws -> Bool {
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        _ = try process.run(.sendTo(socket, Endpoint("10.9.0.4", 53), bytes: [1], fastOpen: false))
        return try !wire.captured().isEmpty
    }

    @Test("a socket handed in from outside is not the pod's") func aSocketHandedInFromOutsideIsNotThePods() throws {
        let (node, pod) = try node()
        defer { node.close() }
        let outside = try node.lab.start("outside", in: node.lab.cgroup("outside"), pod.place)
        let socket = try outside.open(.udp4)
        try outside.demand(.offer(socket, path: "\(node.lab.directory)/in"))
        let taken = pod.process.newSocketID()
        try pod.process.demand(.take(taken, path: "\(node.lab.directory)/in", timeoutMs: 1000))
        #expect(try sends(pod.process, taken, pod))
        #expect(try !sends(pod.process, pod.process.open(.udp4), pod))
    }

    @Test("a socket handed out stays the pod's") func aSocketHandedOutStaysThePods() throws {
        let (node, pod) = try node()
        defer { node.close() }
        let outside = try node.lab.start("outside", in: node.lab.cgroup("outside"), pod.place)
        let socket = try pod.process.open(.udp4)
        try pod.process.demand(.offer(socket, path: "\(node.lab.directory)/out"))
        let taken = outside.newSocketID()
        try outside.demand(.take(taken, path: "\(node.lab.directory)/out", timeoutMs: 1000))
        #expect(try !sends(outside, taken, pod))
        #expect(try sends(outside, outside.open(.udp4), pod))
    }

    @Test("a socket made before joining is not the pod's") func aSocketMadeBeforeJoiningIsNotThePods() throws {
        let (node, pod) = try node()
        defer { node.close() }
        let process = try node.lab.start("late", in: node.lab.cgroup("outside"), pod.place)
        let early = try process.open(.udp4)
        try process.demand(.moveToCgroup(path: pod.cgroup.directory + "/container"))
        #expect(try sends(process, early, pod))
        #expect(try !sends(process, process.open(.udp4), pod))
    }

    @Test("a socket made before leaving stays the pod's") func aSocketMadeBeforeLeavingStaysThePods() throws {
        let (node, pod) = try node()
        defer { node.close() }
        let early = try pod.process.open(.udp4)
        try pod.process.demand(.moveToCgroup(path: node.lab.cgroup("outside").directory))
        #expect(try !sends(pod.process, early, pod))
        #expect(try sends(pod.process, pod.process.open(.udp4), pod))
    }

    @Test("two agents on nested cgroups both have their say") func twoAgentsOnNestedCgroupsBothHaveTheirSay() throws {
        let (node, pod) = try node()
        defer { node.close() }
        // Another agent, whose pods' cgroup is the first one's pod, allows what the first denies.
        let other = try EnforcedNode("--no-fail-fast", "--pods-cgroup", pod.cgroup.path)
        defer { other.close() }
        try other.start()
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
        try node.policy(egress: "[{}]")
        try node.settle()
        #expect(try pod.passes(.udp, "10.9.0.4", 53))
        // The second one's guards hold while the first one's are off.
        node.killAgent()
        _ = try node.pins.removeEverything()
        #expect(try !pod.passes(.tcp, "169.254.169.254", 80))
        #expect(try pod.passes(.tcp, "10.9.0.4", 80))
    }

    @Test("a second agent on the same state is refused") func aSecondAgentOnTheSameStateIsRefused() throws {
        let (node, _) = try node()
        defer { node.close() }
        let log = "\(node.directory)/second"
        let second = try node.lab.launch(
            [
                Executables.path("sluiced"), "--health-address", "",
                "--source", "\(node.directory)/source", "--bpffs", node.pins.directory,
                "--state-dir", "\(node.directory)/state",
            ], in: node.lab.cgroup("second"), node.lab.namespace("second"), output: log)
        try node.waitUntil("the second agent's end") { second.hasEnded }
        #expect(try String(contentsOfFile: log, encoding: .utf8).contains("held by process"))
    }
}
