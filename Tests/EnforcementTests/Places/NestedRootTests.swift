import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import Testing
import VerdictTables

/// Where the root of all cgroups that the agent sees is not the kernel's.
@Suite(.serialized) struct NestedRootTests {
    enum Way: CaseIterable {
        /// As in kind, k3d and minikube: the agent is inside.
        case namespace
        /// The agent is elsewhere.
        case bindMount
    }

    /// Below it are kubepods and the agent's own cgroup.
    private func top(_ node: EnforcedNode) throws -> String {
        String(try node.lab.cgroup("kubepods").directory.dropLast("/kubepods".count))
    }

    private func agent(_ node: EnforcedNode, root: String, finding: Bool = false, before: String = "") throws
        -> ([String]) -> [String]
    {
        let (top, mount) = (try top(node), "\(node.directory)/cgroup")
        mkdir(mount, 0o755)
        return { words in
            var words = words
            if let place = words.firstIndex(of: "--pods-cgroup") {
                words.replaceSubrange(place...(place + 1), with: finding ? [] : ["--pods-cgroup", "kubepods"])
            }
            words += ["--cgroup-root", root]
            if before.isEmpty { return words }
            return ["env", "TOP=\(top)", "MOUNT=\(mount)", "bash", "-c", before, "-"] + words
        }
    }

    private static let scripts: [Way: String] = [
        .namespace: """
        echo $$ > $TOP/cgroup.procs && exec unshare --cgroup --mount bash -c \
          'echo $$ > $TOP/agent/cgroup.procs && mount -t cgroup2 none $MOUNT && exec "$@"' - "$@"
        """,
        .bindMount: """
        echo $$ > $(dirname $TOP)/cgroup.procs && exec unshare --mount bash -c \
          'mount --bind $TOP $MOUNT && exec "$@"' - "$@"
        """,
    ]

    private func expectEnforced(_ node: EnforcedNode, _ pod: EnforcedPod) throws {
        try node.waitUntil("all is well") { try node.tool("status").contains("HEALTHY") }
        #expect(try node.tool("status").contains("in force: a datagram"))
        for _ in 0..<2 {
            #expect(try !pod.passes(.udp, "10.9.0.4", 53))
            #expect(try pod.passes(.udp, "10.9.0.2", 53))
        }
        #expect(try node.tool("pods").contains("enforced"))
        #expect(try KernelTables(pins: node.pins).counters(of: pod).denied.packets >= 2)
    }

    @Test(
        "E1: levels count from the kernel's root, in a cgroup namespace and below a bind mount", arguments: Way.allCases
    )
    func nested(way: Way) throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.launch(as: agent(node, root: "\(node.directory)/cgroup", before: #require(Self.scripts[way])))
        try node.settle()
        try expectEnforced(node, pod)
        // The next agent never has another level in force, not for a moment.
        let levels = try KernelTables(pins: node.pins).config()?.settings.levels
        #expect(levels == [4])
        node.killAgent()
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
    }

    @Test("E1, C11: below a configured root the kubelet's own tree is attached, and another node's is not")
    func configured() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let others = "system.slice/docker-0f3a.scope/kubepods"
        let foreign = try node.lab.cgroup(others)
        let own = try node.lab.cgroup("kubepods")
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.launch(as: agent(node, root: top(node), finding: true))
        try node.settle()
        try expectEnforced(node, pod)
        func attached() throws -> Set<UInt64> { Set(try Attachments(pins: node.pins).cgroups().map(\.rawValue)) }
        #expect(try attached() == [own.id])
        _ = try node.awaitLog(others, "left alone")
        // A pod of this node's is found there: so it is this node's after all.
        let late = try node.lab.cgroup("\(others)/besteffort/poddefault-late")
        try node.write(
            "late.yaml", Manifest.Pod("late", "default", labels: "{}", ["10.9.0.9"], hostNetwork: false, extra: "").text
        )
        try node.waitUntil("its tree is attached") { try attached() == [own.id, foreign.id] }
        try late.remove()
    }
}

extension KernelTables {
    fileprivate func counters(of pod: EnforcedPod) throws -> FlowCounters {
        guard let entry = try self.pod(CgroupID(rawValue: pod.cgroup.id)) else { throw LabError("no entry") }
        return try counters(slot: entry.slot)
    }
}
