import FoundationEssentials
import PacketLab
import Testing

/// What the agent needs of root's rights on the kernel that runs; that the DaemonSet gives these and no
/// others is the end-to-end tests' matter.
@Suite(.serialized) struct CapabilityTests {
    private static let needed = ["bpf", "net_admin", "perfmon"]
    /// Before 5.11 maps are locked memory (RLIMIT_MEMLOCK).
    private static let locksMaps: Bool = {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return numbers.lexicographicallyPrecedes([5, 11])
    }()

    private func agent(with capabilities: [String]) -> ([String]) -> [String] {
        let set = (["-all"] + capabilities.map { "+\($0)" }).joined(separator: ",")
        let limited = [
            "prlimit", "--memlock=65536:65536", "setpriv", "--inh-caps=-all", "--bounding-set=\(set)", "--no-new-privs",
        ]
        return { limited + $0 }
    }

    @Test("the agent enforces with these capabilities and no others")
    func enough() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.launch(as: agent(with: Self.needed + (Self.locksMaps ? ["sys_resource"] : [])))
        try node.settle()
        #expect(try pod.passes(.udp, "10.9.0.2", 53) && !pod.passes(.udp, "10.9.0.4", 53))
    }

    @Test(
        "where maps are locked memory it refuses to start without CAP_SYS_RESOURCE",
        .enabled(if: locksMaps, "maps are no locked memory since 5.11"))
    func lockedMemory() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        try node.launch(as: agent(with: Self.needed))
        node.awaitEndOfAgent()
        #expect(node.agent?.hasEnded == true)
        #expect(node.log.contains("RLIMIT_MEMLOCK"), "\(node.log)")
    }
}
