import Glibc
import PacketLab
import Testing

/// Addresses whose answers' time is over, and that are still in use.
@Suite("Domain names in use", .serialized)
struct NameGraceTests {
    private static let address = Endpoint("11.0.0.1", 80)
    private static let records = ["--address=/api.example.com/11.0.0.1"]

    /// A connection that was made within the name's second.
    private func connected(_ scene: NameScene) throws -> SocketID {
        try scene.node.waitFor("a connection within the name's second") {
            guard try scene.resolve("api.example.com") == "11.0.0.1 ok" else { return nil }
            let (id, response) = try scene.pod.process.connect(to: Self.address)
            return response.isOK ? id : nil
        }
    }

    @Test(
        "B6: an address stays open while an idle connection to it lives and for a grace after; a denial then says since when"
    )
    func grace() throws {
        let grace = 3
        let scene = try NameScene("[api.example.com]", records: Self.records, lifetime: (1, 1), grace: grace)
        defer { scene.close() }
        try scene.node.server("api", "11.0.0.1").serveEcho(.tcp4, at: Self.address)
        let idle = try connected(scene)
        // Three times as long as the answer and its grace count by themselves; the time itself is what is tested.
        sleep(UInt32(3 * (grace + 1)))
        #expect(try scene.pod.tcp(Self.address) == .ok, "an idle connection is open")
        sleep(UInt32(grace + 2))
        #expect(try scene.pod.tcp(Self.address) == .ok, "and so still is after the others")
        #expect(try scene.pod.process.roundTrip(idle) == .ok)
        try scene.pod.process.demand(.close(idle))
        #expect(try scene.pod.tcp(Self.address) == .ok, "the connection has just been closed")
        // Each attempt that passes begins the grace anew.
        sleep(UInt32(grace + 2))
        #expect(try scene.pod.tcp(Self.address) == .notPermitted)
        try scene.node.waitUntil("the reason") {
            try scene.node.observe(["--last", "50"]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
                .contains("; its answer for api.example.com expired ")
        }
        let explained = try scene.node.tool("explain", "default/pod", "--to", "11.0.0.1:80")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            explained.hasPrefix("DENY") && explained.contains("its answer for api.example.com expired "), "\(explained)"
        )
        // Nobody says so where the name would not have let it pass in its time.
        try scene.write(
            "[api.example.com]",
            extra:
                "- {action: Deny, to: [{networks: [11.0.0.1/32]}], protocols: [{tcp: {destinationPort: {number: 81}}}]}"
        )
        try scene.node.settle()
        #expect(try scene.pod.tcp(Endpoint("11.0.0.1", 81)) == .notPermitted)
        let reason = try scene.node.awaitLog(":81 ")
        #expect(!reason.contains("expired"), "\(reason)")
    }

    @Test("B6: without the agent a connection's end begins the grace; a policy may want another one")
    func withoutAgent() throws {
        let scene = try NameScene("[api.example.com]", records: Self.records, lifetime: (1, 1), grace: 0)
        defer { scene.close() }
        try scene.node.server("api", "11.0.0.1").serveEcho(.tcp4, at: Self.address)
        let before = try connected(scene)
        sleep(3)
        #expect(try scene.pod.tcp(Self.address) == .notPermitted, "no grace")
        try scene.pod.process.demand(.close(before))
        #expect(try scene.pod.tcp(Self.address) == .notPermitted, "no grace")
        try scene.write("[api.example.com]", annotations: "{sluice.dev/name-grace: 4s}")
        try scene.node.settle()
        let connection = try connected(scene)
        scene.node.killAgent()
        sleep(8)
        // Nothing has renewed the name; the connection's end does.
        #expect(try scene.pod.tcp(Self.address) == .notPermitted)
        try scene.pod.process.demand(.close(connection))
        #expect(try scene.pod.tcp(Self.address) == .ok)
        sleep(6)
        #expect(try scene.pod.tcp(Self.address) == .notPermitted)
    }
}
