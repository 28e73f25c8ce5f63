import Glibc
import KernelDatapath
import PacketLab
import Testing

/// Answers that a pod makes for itself, in the name of the resolver that is trusted.
@Suite("Forged answers", .serialized)
struct ForgedAnswerTests {
    /// A resolver that says what the pod would like to hear.
    private func forge(_ scene: NameScene, in place: NetworkNamespace) throws {
        _ = try scene.node.lab.launch(
            Resolver.dnsmasq(records: ["--address=/api.example.com/11.0.0.66"]).command(in: scene.node.directory),
            in: scene.pod.cgroup, place, output: "\(scene.node.directory)/forger")
    }

    private func scene() throws -> NameScene {
        try NameScene(records: ["--address=/api.example.com/11.0.0.1"], sources: "off")
    }

    /// What is left to expect of the pod's own namespace.
    private func expectNothing(_ scene: NameScene) throws {
        #expect(try scene.send("11.0.0.66") == "denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        #expect(try scene.send("11.0.0.66") == "denied")
    }

    /// RFC 1035, section 4: the question for api.example.com, or its answer 11.0.0.66.
    private func message(_ id: UInt8, answers: Bool) -> [UInt8] {
        let question = Array("\u{3}api\u{7}example\u{3}com".utf8) + [0, 0, 1, 0, 1]
        guard answers else { return [0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + question }
        let record: [UInt8] = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 11, 0, 0, 66]
        return [0, id, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question + record
    }

    @Test("A3: what a pod says to itself in the resolver's name opens nothing, though it asked the question")
    func inTheResolversName() throws {
        let scene = try NameScene(records: ["--address=/api.example.com/11.0.0.1"])
        defer { scene.close() }
        let resolver = Endpoint(NameScene.silent, 53)
        let process = scene.pod.process
        let ear = try process.open(.udp4, .reuseAddress)
        try process.demand(.bind(ear, Endpoint("0.0.0.0", 5353)))
        // IP_ADD_MEMBERSHIP of 224.0.0.251 at 10.9.0.1.
        try process.demand(
            .setOption(
                ear,
                SocketOption(
                    level: Int32(IPPROTO_IP), name: IP_ADD_MEMBERSHIP, value: [224, 0, 0, 251, 10, 9, 0, 1])))
        let mouth = try process.open(SocketKind(.ipv4, .raw(IPProtocol(rawValue: 255))), .broadcast)
        // The pod's own resolver asks first, so that the counters below stand still.
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        let read = try AnswerCounters(pins: scene.node.pins).read().read
        for (id, to) in [(UInt8(1), "224.0.0.251"), (2, "255.255.255.255"), (3, "10.9.0.1")] {
            try process.demand(.sendTo(ear, resolver, bytes: message(id, answers: false), fastOpen: false))
            let answer = message(id, answers: true)
            let own = Endpoint(to, 5353)
            let packet = PacketBytes.ipv4(
                from: resolver.address, to: own.address, protocol: .udp,
                payload: PacketBytes.udp(from: resolver, to: own, payload: answer))
            let result = try process.run(.sendTo(mouth, Endpoint(to, 0), bytes: packet, fastOpen: false)).result
            #expect(result == .notPermitted, "\(to)")
            // The kernel's own copy of what went to a group is heard all the same.
            let heard = try process.run(.receive(ear, timeoutMs: 500))
            #expect((heard.peer == resolver) == (to != "10.9.0.1"), "\(to): \(heard)")
            #expect(try scene.send("11.0.0.66") == "denied", "\(to)")
        }
        #expect(try AnswerCounters(pins: scene.node.pins).read().read == read)
    }

    @Test("what comes over loopback opens nothing, in the pod's namespace and in one of its own")
    func loopback() throws {
        let scene = try scene()
        defer { scene.close() }
        for place in [try scene.node.lab.namespace("own"), scene.pod.place] {
            try place.configure("addr add \(NameScene.resolver)/32 dev lo")
            let before = try AnswerCounters(pins: scene.node.pins).read().read
            try forge(scene, in: place)
            try scene.node.waitUntil("the forger") {
                try scene.resolve("api.example.com", in: scene.pod, place).hasPrefix("11.0.0.66")
            }
            #expect(try AnswerCounters(pins: scene.node.pins).read().read == before)
            #expect(try scene.send("11.0.0.66") == "denied")
        }
        try scene.pod.place.configure("addr del \(NameScene.resolver)/32 dev lo")
        try expectNothing(scene)
    }

    @Test("what a namespace of the pod's own is told, over a wire of its own, opens nothing outside of it")
    func ownNamespaces() throws {
        let scene = try scene()
        defer { scene.close() }
        // An own address is judged like others by any interface but lo.
        try scene.write(
            "[api.example.com]", extra: "- {name: itself, action: Accept, to: [{networks: [10.9.0.1/32]}]}")
        try scene.node.settle()
        let (asker, forger) = (try scene.node.lab.namespace("asker"), try scene.node.lab.namespace("forger"))
        try asker.configure("link add eth0 type veth peer name eth0 netns \(forger.name)")
        try forger.configure(
            "link set eth0 up", "addr add \(NameScene.resolver)/32 dev eth0", "route add default dev eth0")
        try asker.configure("link set eth0 up", "addr add 10.9.0.1/32 dev eth0", "route add default dev eth0")
        try forge(scene, in: forger)
        // In there it is taken for the resolver.
        try scene.node.waitUntil("the forger") {
            try scene.resolve("api.example.com", in: scene.pod, asker) == "11.0.0.66 ok"
        }
        try expectNothing(scene)
    }
}
