import FoundationEssentials
import Glibc
import PacketLab
import Testing

/// Addresses that several names have, at once or one after the other.
@Suite("Addresses of several names", .serialized)
struct SharedAddressTests {
    private static func pods(_ app: String) -> String {
        "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: \(app)}}}}"
    }

    @Test("of two names for one address each pod has its own, and what one is told is nothing to the other")
    func twoPods() throws {
        let scene = try NameScene(
            records: ["--address=/api.example.com/11.0.0.1", "--address=/other.example.com/11.0.0.1"])
        defer { scene.close() }
        let second = try scene.node.pod("second", labels: "{app: two}", "10.9.0.2")
        try scene.write("[api.example.com]", subject: Self.pods("client"))
        try scene.write("[other.example.com]", policy: "others", subject: Self.pods("two"))
        try scene.node.settle()
        #expect(try scene.resolve("other.example.com") == "11.0.0.1 denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        #expect(try scene.send("11.0.0.1", in: second) == "denied")
        #expect(try scene.resolve("api.example.com", in: second) == "11.0.0.1 denied")
        #expect(try scene.resolve("other.example.com", in: second) == "11.0.0.1 ok")
    }

    @Test("an address that goes over to another name is closed when the time of the first is over")
    func moves() throws {
        let scene = try NameScene(
            "[api.example.com]", records: [], hosts: "11.0.0.7 api.example.com\n11.0.0.8 other.example.com\n",
            lifetime: (1, 1))
        defer { scene.close() }
        #expect(try scene.resolve("api.example.com") == "11.0.0.7 ok")
        #expect(try scene.resolve("other.example.com") == "11.0.0.8 denied")
        try "11.0.0.8 api.example.com\n11.0.0.7 other.example.com\n".write(
            toFile: Resolver.hosts(in: scene.node.directory), atomically: false, encoding: .utf8)
        kill(scene.server.pid, SIGHUP)
        try scene.node.waitUntil("the exchange") { try scene.resolve("api.example.com") == "11.0.0.8 ok" }
        try scene.node.waitUntil("the end of the first answer") { try scene.send("11.0.0.7") == "denied" }
        #expect(try scene.resolve("other.example.com") == "11.0.0.7 denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.8 ok")
    }
}
