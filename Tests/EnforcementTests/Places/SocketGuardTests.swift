import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Sockets whose packets no verdict covers: who may open them, and what leaves by them.
@Suite(.serialized) struct SocketGuardTests {
    /// What the kernel lacks for the guard, found out without the product.
    static let missing: [String] = {
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let release = text("/proc/sys/kernel/osrelease")
        let modules = text("/sys/kernel/security/lsm").split { $0 == "," || $0.isWhitespace }
        var missing: [String] = []
        if release.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) }) ?? 0 < 6 {
            missing.append("lsm_cgroup, which came with 6.0")
        }
        if access("/sys/kernel/btf/vmlinux", R_OK) != 0 { missing.append("BTF") }
        if !modules.contains("bpf") { missing.append("bpf among its security modules") }
        return missing
    }()
    static let isPossible = missing.isEmpty
    static let needs: Comment = "the kernel lacks \(missing.joined(separator: ", "))"

    private struct Status: Decodable {
        struct Guard: Decodable {
            var state: String
            var reason: String?
        }
        struct Pods: Decodable { var exemptFromSocketGuard: [String] }
        var problems: [String]
        var socketGuard: Guard
        var pods: Pods
    }

    private func status(_ node: EnforcedNode) throws -> Status {
        // Until the agent has written its snapshot, status knows of nothing that is wanted.
        try node.waitFor("the snapshot") {
            let status = try JSONDecoder().decode(Status.self, from: Data(node.tool("status", "-o", "json").utf8))
            let isEarly = status.problems.contains { $0.contains("no snapshot") || $0.contains("just started") }
            return isEarly ? nil : status
        }
    }

    private static let datagram = Int32(SOCK_DGRAM.rawValue)
    private static let raw = Int32(SOCK_RAW.rawValue)
    private static let stream = Int32(SOCK_STREAM.rawValue)
    private static let packet = Request.tryKind(family: AF_PACKET, type: raw, protocol: 0)

    /// None of them is IP; the last one looks like TCP (IPPROTO_SMC).
    private static let uncovered: [Request] =
        [
            packet, .tryKind(family: AF_PACKET, type: datagram, protocol: 0),
            .tryKind(family: AF_XDP, type: raw, protocol: 0), .tryKind(family: AF_SMC, type: stream, protocol: 0),
            .tryKind(family: AF_INET, type: stream, protocol: 256),
            .tryKind(family: AF_INET6, type: stream, protocol: 256),
        ]
        + [AF_VSOCK, AF_TIPC, AF_RDS, AF_CAN, AF_BLUETOOTH, AF_PPPOX].map {
            .tryKind(family: $0, type: datagram, protocol: 0)
        }
    private static let covered: [Request] = [
        .tryKind(family: AF_INET, type: stream, protocol: 0), .tryKind(family: AF_INET6, type: datagram, protocol: 0),
        .tryKind(family: AF_INET, type: raw, protocol: 253), .tryKind(family: AF_UNIX, type: stream, protocol: 0),
        .tryKind(family: AF_NETLINK, type: raw, protocol: 0),
    ]

    /// A pod that may send nothing, and a process beside it in its network namespace.
    private func scene(config: String = "") throws -> (node: EnforcedNode, pod: EnforcedPod, outside: PodProcess) {
        let node = try EnforcedNode(options: [], config: config)
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        try node.start()
        return (node, pod, try node.lab.start("outside", in: node.lab.cgroup("outside"), pod.place))
    }

    private func frame(_ mark: UInt8) -> [UInt8] {
        let (from, to) = (Endpoint("10.9.0.1", 999), Endpoint("10.9.0.4", 53))
        return PacketBytes.ipv4(
            from: from.address, to: to.address, protocol: .udp,
            payload: PacketBytes.udp(from: from, to: to, payload: [mark]))
    }

    /// What an AF_PACKET socket of the pod's comes to, and whether its frame leaves.
    private func sendsFrame(
        _ pod: EnforcedPod, _ process: PodProcess, by socket: SocketID? = nil
    ) throws -> (result: ErrnoName, left: Bool) {
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        let result = try process.run(.sendFrame(frame(1), interface: "eth0", by: socket)).result
        return try (result, !wire.captured().isEmpty)
    }

    @Test("a pod is refused every socket that no verdict covers, others are not", .enabled(if: isPossible, needs))
    func refused() throws {
        let (node, pod, outside) = try scene()
        defer { node.close() }
        for request in Self.uncovered {
            #expect(try pod.process.run(request).result == .notPermitted, "\(request)")
            #expect(try outside.run(request).result != .notPermitted, "\(request)")
        }
        for request in Self.covered { #expect(try pod.process.run(request).isOK, "\(request)") }
        #expect(try outside.run(Self.packet).isOK)
        #expect(try sendsFrame(pod, pod.process) == (.notPermitted, false))
        #expect(try sendsFrame(pod, outside) == (.ok, true))
        let status = try status(node)
        #expect(status.socketGuard.state == "enforced" && status.socketGuard.reason == nil && status.problems.isEmpty)
        _ = try node.awaitLog("default/pod", "AF_PACKET", "refused")
    }

    @Test("cgroups and network namespaces of the pod's own are no way round", .enabled(if: isPossible, needs))
    func below() throws {
        let (node, pod, _) = try scene()
        defer { node.close() }
        try pod.process.demand(
            .moveToCgroup(path: node.lab.cgroup("kubepods/burstable/poddefault-pod/container/deep/er").directory))
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
        try pod.process.demand(.unshareNetwork)
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
        // A cgroup of nobody's, and one of the pods' in which no pod is known.
        let stranger = try node.stranger("stranger", on: pod.place)
        #expect(try stranger.process.run(Self.packet).result == .notPermitted)
    }

    @Test("a packet socket from before the guard, or handed in, is not the guard's", .enabled(if: isPossible, needs))
    func earlier() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        let outside = try node.lab.start("outside", in: node.lab.cgroup("outside"), pod.place)
        let (old, given, taken) = (pod.process.newSocketID(), outside.newSocketID(), pod.process.newSocketID())
        try pod.process.demand(.openPacket(old))
        try node.policy(egress: "[]")
        try node.start()
        try outside.demand(.openPacket(given))
        try outside.demand(.offer(given, path: "\(node.lab.directory)/in"))
        try pod.process.demand(.take(taken, path: "\(node.lab.directory)/in", timeoutMs: 5000))
        #expect(try sendsFrame(pod, pod.process) == (.notPermitted, false))
        #expect(try sendsFrame(pod, pod.process, by: old) == (.ok, true))
        #expect(try sendsFrame(pod, pod.process, by: taken) == (.ok, true))
    }

    @Test("it holds while the agent is away, and when the next one takes over", .enabled(if: isPossible, needs))
    func withoutAgent() throws {
        let (node, pod, outside) = try scene()
        defer { node.close() }
        // Its snapshot is what `status` goes by from here on.
        #expect(try status(node).socketGuard.state == "enforced")
        node.killAgent()
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
        #expect(try status(node).socketGuard.state == "enforced")
        try node.start()
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
        #expect(try outside.run(Self.packet).isOK)
        node.killAgent()
        _ = try node.tool("cleanup")
        #expect(try pod.process.run(Self.packet).isOK)
    }

    @Test("what somebody detached is attached again", .enabled(if: isPossible, needs))
    func detached() throws {
        let (node, pod, _) = try scene()
        defer { node.close() }
        let links = "\(node.pins.directory)/links"
        #expect(try status(node).socketGuard.state == "enforced")
        // Held while somebody looks, who may be slow.
        let agent = try #require(node.agent)
        kill(agent.pid, SIGSTOP)
        for cgroup in try FileManager.default.contentsOfDirectory(atPath: links) {
            #expect(unlink("\(links)/\(cgroup)/sluice_socket_create") == 0)
        }
        #expect(try status(node).socketGuard.state == "missing")
        kill(agent.pid, SIGCONT)
        try node.waitUntil("the guard") { try status(node).socketGuard.state == "enforced" }
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
    }

    @Test("pods of the configuration's list may, and nobody else", .enabled(if: isPossible, needs))
    func exempt() throws {
        let config = "guards: {sockets: {exempt: [{namespace: kube-system, podSelector: {matchLabels: {app: cni}}}]}}"
        let (node, pod, _) = try scene(config: config)
        defer { node.close() }
        let cni = try node.wirePod("cni", namespace: "kube-system", labels: "{app: cni}", "10.9.0.5", hostNetwork: true)
        let other = try node.wirePod(
            "other", namespace: "kube-system", labels: "{app: x}", "10.9.0.6", hostNetwork: true)
        try node.settle()
        #expect(try cni.process.run(Self.packet).isOK)
        #expect(try other.process.run(Self.packet).result == .notPermitted)
        #expect(try pod.process.run(Self.packet).result == .notPermitted)
        try node.waitUntil("the snapshot") { try status(node).pods.exemptFromSocketGuard == ["kube-system/cni"] }
    }

    @Test("in audit mode pods may, and it is told", .enabled(if: isPossible, needs))
    func audit() throws {
        let (node, pod, _) = try scene(config: "guards: {sockets: {mode: audit}}")
        defer { node.close() }
        #expect(try pod.process.run(Self.packet).isOK)
        #expect(try status(node).socketGuard.state == "audit")
        _ = try node.awaitLog("default/pod", "AF_PACKET", "would be refused (audit)")
    }

    @Test("without it a frame leaves past every verdict, and status says so")
    func off() throws {
        let (node, pod, _) = try scene(config: "guards: {sockets: {mode: 'off'}}")
        defer { node.close() }
        #expect(try pod.passes(.udp, "10.9.0.4", 53) == false)
        #expect(try sendsFrame(pod, pod.process) == (.ok, true))
        #expect(try node.counters(pod).allowed.packets == 0)
        #expect(try status(node).socketGuard.state == "off")
        #expect(try node.tool("status").contains("not active, switched off"))
    }

    @Test("status says whether it is active and if not why, and all else works")
    func told() throws {
        let (node, pod, _) = try scene()
        defer { node.close() }
        let status = try status(node)
        #expect(status.problems.isEmpty)
        #expect(try pod.passes(.udp, "10.9.0.4", 53) == false)
        if Self.isPossible {
            #expect(status.socketGuard.state == "enforced" && status.socketGuard.reason == nil)
            #expect(try node.tool("status").contains("active: pods are refused AF_PACKET"))
        } else {
            #expect(status.socketGuard.state == "unavailable")
            let reason = try #require(status.socketGuard.reason)
            #expect(
                ["too old", "type information", "built without BPF LSM", "lsm=", "even to root"].contains(
                    where: reason.contains), "\(reason)")
            #expect(try node.tool("status").contains("not active: \(reason)"))
            #expect(try node.awaitLog("sockets below IP are not guarded").contains(reason))
            #expect(try pod.process.run(Self.packet).isOK)
        }
    }
}
