import FoundationEssentials
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// What fails at once, and what does not.
@Suite("Calls that fail at once", .serialized)
struct FailFastTests {
    @Test("F1: to connect a datagram socket is neither refused nor told of; its datagrams are")
    func datagrams() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let mark = node.logMark
        for to in [Endpoint("10.9.0.4", 53), Endpoint("fd09::4", 53), Endpoint("169.254.169.254", 80)] {
            let socket = try pod.process.open(to.address.isIPv4 ? .udp4 : .udp6)
            #expect(try pod.process.run(.connect(socket, to: to, timeoutMs: 0)).isOK)
            let before = try node.counters(pod).denied.flows
            #expect(node.log(since: mark).contains("\(to.address)") == false)
            #expect(try pod.process.run(.send(socket, bytes: [1], timeoutMs: 100)).result == .notPermitted)
            #expect(try node.counters(pod).denied.flows == before + 1)
            _ = try node.awaitLog("\(to.address)")
        }
        // An unconnected one fails at once, with the caller's name.
        #expect(try pod.udp(Endpoint("10.9.0.4", 54)) == .notPermitted)
    }

    @Test("F1: addresses are sorted as without Sluice", arguments: [NameClient.glibc, .musl, .go, .java])
    func sorting(client: NameClient) throws {
        let zone = "dual A 11.7.0.1\ndual AAAA 2600::7:1\nother A 11.7.0.2\nother AAAA 2600::7:2\n"
        let scene = try NameScene("[other.example.com]", by: .unbound(zone: zone))
        defer { scene.close() }
        let program = try client.build(in: scene.node.directory)
        let free = EnforcedPod(
            process: scene.pod.process, cgroup: try scene.node.lab.cgroup("servers/free"), place: scene.pod.place)
        func order(_ name: String, _ asker: EnforcedPod) throws -> [Substring] {
            try scene.run([program, "\(name).example.com"], in: asker).split(separator: "\n")
                .compactMap { $0.split(separator: " ").first }
        }
        for name in ["dual", "other"] {
            let expected = try order(name, free)
            #expect(expected.count == 2)
            #expect(try order(name, scene.pod) == expected)
        }
    }

    @Test("F4: a port on which the pod listens itself is refused elsewhere at once")
    func ownPorts() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        try pod.process.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        try pod.process.serveEcho(.udp6, at: Endpoint("::", 53), .ipv6Only(false))
        for host in Scene.denied {
            #expect(try pod.tcp(Endpoint(host, 80)) == .notPermitted)
            #expect(try pod.udp(Endpoint(host, 53)) == .notPermitted)
        }
        for host in ["10.9.0.1", "127.0.0.1", "fd09::1", "::1"] {
            #expect(try pod.tcp(Endpoint(host, 80)) == .ok)
            #expect(try pod.udp(Endpoint(host, 53)) == .ok)
        }
    }

    @Test("E3: addresses that a mesh gives out for names are left to egress, others fail at once")
    func meshAddresses() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        func result(_ host: String) throws -> ErrnoName {
            let socket = try pod.process.open(host.contains(":") ? .tcp6 : .tcp4)
            return try pod.process.run(.connect(socket, to: Endpoint(host, 80), timeoutMs: 0)).result
        }
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        for host in ["240.240.0.5", "2001:2::5"] { #expect(try result(host) == "EINPROGRESS") }
        for host in ["10.9.0.4", "fd09::4"] { #expect(try result(host) == .notPermitted) }
        #expect(try wire.captured().isEmpty)
    }

    @Test("F3: every kind of client waits while its pod is held", arguments: [NameClient.glibc, .musl, .cAres, .go])
    func held(client: NameClient) throws {
        let scene = try NameScene(
            by: .unbound(zone: "late A 11.7.0.3\n"), options: ["--startup-posture", "hold"])
        defer { scene.close() }
        let program = try client.build(in: scene.node.directory)
        let node = scene.node
        let late = try node.stranger("late", on: node.network().host("late", [address("10.9.0.9")]))
        let output = "\(node.directory)/late"
        let configuration = "\(node.directory)/resolv.conf-late"
        try "nameserver \(NameScene.resolver)\noptions timeout:2 attempts:5\n".write(
            toFile: configuration, atomically: false, encoding: .utf8)
        let script = "mount --bind \(configuration) /etc/resolv.conf && exec \"$0\" \"$@\""
        let asking = try node.lab.launch(
            ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script, program, "late.example.com"], in: late.cgroup,
            late.place, output: output)
        try node.waitUntil("a held question") { try node.heldPackets() > 0 }
        #expect(!asking.hasEnded)
        late.manifest = Manifest.Pod("late", "default", ["10.9.0.9"])
        try node.introduce(late)
        try node.waitUntil("the client") { asking.hasEnded }
        #expect(try String(contentsOfFile: output, encoding: .utf8).contains("11.7.0.3"))
    }
}
