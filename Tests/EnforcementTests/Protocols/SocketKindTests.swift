import Glibc
import PacketLab
import PolicyModel
import Testing

/// Ways to open, address and use a socket that must not be ways round.
@Suite(.serialized) struct SocketKindTests {
    private let open = Endpoint("10.9.0.2", 80)
    private let denied = Endpoint("10.9.0.4", 80)

    /// What leaves when the pod does this.
    private func leaving(_ pod: EnforcedPod, _ body: (PodProcess) throws -> Void) throws -> [CapturedPacket] {
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        try body(pod.process)
        return try wire.captured()
    }

    @Test("mapped addresses are judged as IPv4", arguments: Mode.allCases) func mappedAddressesAreJudgedAsIPv4(
        mode: Mode
    ) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        for (to, passes) in [(open, true), (denied, false), (Endpoint("10.9.0.2", 81), false)] {
            let tcp = try leaving(pod) {
                let socket = try $0.open(.tcp6)
                _ = try $0.run(.connect(socket, to: to, timeoutMs: 0))
            }
            #expect(tcp.contains { $0.destination == to.address } == passes)
            let datagram = Endpoint(to.address, to.port == 80 ? 53 : to.port)
            let udp = try leaving(pod) {
                let socket = try $0.open(.udp6)
                _ = try $0.run(.sendTo(socket, datagram, bytes: [1], fastOpen: false))
                _ = try $0.run(.connect(socket, to: datagram, timeoutMs: 0))
                _ = try $0.run(.send(socket, bytes: [2], timeoutMs: 100))
            }
            #expect(udp.count == (passes ? 2 : 0))
        }
    }

    @Test("Fast Open data never leaves for a denied peer", arguments: Mode.allCases)
    func fastOpenDataNeverLeavesForADeniedPeer(mode: Mode) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        for (to, passes) in [(open, true), (denied, false), (Endpoint("fd09::4", 80), false)] {
            let seen = try leaving(pod) {
                let socket = try $0.open(to.address.isIPv4 ? .tcp4 : .tcp6)
                let sent = try $0.run(.sendTo(socket, to, bytes: [1, 2, 3], fastOpen: true)).result
                if mode == .failFast && !passes { #expect(sent == .notPermitted) }
            }
            #expect(!seen.isEmpty == passes)
        }
    }

    /// IPPROTO_MPTCP
    static let hasMultipath: Bool = {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 262)
        defer { close(descriptor) }
        return descriptor >= 0
    }()
    static let needsMultipath: Comment = "the kernel lacks MPTCP"

    @Test(
        "multipath TCP sockets are judged as TCP", .enabled(if: hasMultipath, needsMultipath), arguments: Mode.allCases)
    func multipathSocketsAreJudgedAsTCP(mode: Mode) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        for (to, passes) in [(open, true), (denied, false), (Endpoint("fd09::4", 80), false)] {
            let seen = try leaving(pod) {
                let socket = try $0.open(to.address.isIPv4 ? .mptcp4 : .mptcp6)
                let result = try $0.run(.connect(socket, to: to, timeoutMs: 0)).result
                #expect(result == (mode == .failFast && !passes ? .notPermitted : .inProgress))
            }
            #expect(seen.isEmpty != passes)
        }
    }

    @Test("a socket that sends to many is judged for each") func aSocketThatSendsToManyIsJudgedForEach() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let ways = (0..<200).map {
            Probe(id: $0, to: address($0 % 2 == 0 ? "10.9.0.2" : "10.9.0.4"), port: 53, protocol: .udp)
        }
        let report = try #require(try pod.wire?.probe(pod.process, ways, datagrams: .shared))
        #expect(report.outcomes.allSatisfy { $0.passed == ($0.probe.id % 2 == 0) })
    }

    /// The verdict cached in the socket must never be taken for another destination's.
    @Test("threads that share a socket do not share verdicts") func threadsThatShareASocketDoNotShareVerdicts() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let container = try node.lab.cgroup("kubepods/burstable/poddefault-pod/container")
        let other = try node.lab.start("other", in: container, pod.place)
        let socket = try pod.process.open(.udp4)
        try pod.process.demand(.offer(socket, path: "\(node.lab.directory)/shared"))
        let taken = other.newSocketID()
        try other.demand(.take(taken, path: "\(node.lab.directory)/shared", timeoutMs: 1000))
        let busy = Busy(other, .sendMany(taken, Endpoint("10.9.0.3", 53), bytes: [1], count: 50_000))
        let refused = try pod.process.run(
            .sendMany(socket, Endpoint("10.9.0.4", 53), bytes: [1], count: 50_000))
        #expect(refused.count == 0)
        #expect(try busy.wait().count == 50_000)
        let seen = try #require(try pod.wire?.captured())
        #expect(seen.allSatisfy { $0.destination == address("10.9.0.3") })
    }

    @Test("a reconnected datagram socket is judged afresh") func aReconnectedDatagramSocketIsJudgedAfresh() throws {
        let (node, pod) = try Scene.onWire("--no-fail-fast")
        defer { node.close() }
        let seen = try leaving(pod) {
            let socket = try $0.open(.udp4)
            for to in ["10.9.0.2", "10.9.0.4", "10.9.0.3"] {
                try $0.demand(.connect(socket, to: Endpoint(to, 53), timeoutMs: 0))
                _ = try $0.run(.send(socket, bytes: [1], timeoutMs: 100))
            }
        }
        #expect(seen.map(\.destination) == [address("10.9.0.2"), address("10.9.0.3")])
    }

    @Test("resolvers may connect to port zero") func resolversMayConnectToPortZero() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        for to in [Endpoint("10.9.0.4", 0), Endpoint("fd09::4", 0)] {
            let socket = try pod.process.open(to.address.isIPv4 ? .udp4 : .udp6)
            #expect(try pod.process.run(.connect(socket, to: to, timeoutMs: 0)).result == .ok)
            // But nothing is sent that way.
            let seen = try leaving(pod) { _ = try $0.run(.send(socket, bytes: [1], timeoutMs: 100)) }
            #expect(seen.isEmpty)
        }
    }

    @Test("the unspecified address is the host itself", arguments: Mode.allCases)
    func theUnspecifiedAddressIsTheHostItself(mode: Mode) throws {
        let (node, pod) = try mode.scene()
        defer { node.close() }
        try pod.process.serveEcho(.tcp6, at: Endpoint("::", 8080), .ipv6Only(false))
        for text in ["0.0.0.0", "::"] {
            let exchange = Request.tcpExchange(to: Endpoint(text, 8080), bytes: [1], timeoutMs: 1000)
            #expect(try pod.process.run(exchange).bytes == [1])
        }
        let mapped = try pod.process.open(.tcp6)
        #expect(
            try pod.process.run(.connect(mapped, to: Endpoint("0.0.0.0", 8080), timeoutMs: 1000)).result == .ok)
    }

    @Test("a large datagram passes whole") func aLargeDatagramPassesWhole() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.pod("pod", "10.9.0.1", "fd09::1")
        let server = try node.server("server", "10.9.0.2", "fd09::2")
        try server.serveEcho(.udp6, at: Endpoint("::", 53), .ipv6Only(false))
        try node.policy(egress: Scene.egress)
        try node.start()
        let bytes = [UInt8](repeating: 5, count: 20_000)
        for to in Scene.ports {
            let answer = try pod.process.run(
                .udpExchange(to: Endpoint(to, 53), bytes: bytes, timeoutMs: 2000))
            #expect(answer.bytes == bytes)
            #expect(try pod.udp(Endpoint(to, 54), bytes: bytes) == .notPermitted)
        }
    }
}
