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
        try forger.configure("link set eth0 up", "addr add \(NameScene.resolver)/32 dev eth0", "route add default dev eth0")
        try asker.configure("link set eth0 up", "addr add 10.9.0.1/32 dev eth0", "route add default dev eth0")
        try forge(scene, in: forger)
        // In there it is taken for the resolver.
        try scene.node.waitUntil("the forger") {
            try scene.resolve("api.example.com", in: scene.pod, asker) == "11.0.0.66 ok"
        }
        try expectNothing(scene)
    }
}
