import PacketLab
import Testing

/// Connections that a name allowed, when its time is over and policy changes.
@Suite("Connections by name", .serialized)
struct NamedConnectionTests {
    @Test("a connection outlives its name's time and changes of policy, until the name is no longer allowed")
    func judgedAgain() throws {
        let scene = try NameScene("[api.example.com]", records: ["--address=/api.example.com/11.0.0.1"], lifetime: (1, 1))
        defer { scene.close() }
        let to = Endpoint("11.0.0.1", 80)
        try scene.node.server("api", "11.0.0.1").serveEcho(.tcp4, at: to)
        let connection: SocketID = try scene.node.waitFor("a connection within the name's second") {
            guard try scene.resolve("api.example.com") == "11.0.0.1 ok" else { return nil }
            let (id, response) = try scene.pod.process.connect(to: to)
            return response.isOK ? id : nil
        }
        func goesOn() throws -> Bool { try scene.pod.process.roundTrip(connection) == .ok }
        #expect(try goesOn())
        try scene.node.waitUntil("the end of the name's time") { try scene.pod.tcp(to) == .notPermitted }
        #expect(try goesOn())
        for names in ["[api.example.com, third.example.com]", "['*.example.com']"] {
            try scene.write(names)
            try scene.node.settle()
            #expect(try goesOn(), "\(names)")
            #expect(try scene.pod.tcp(to) == .notPermitted, "\(names)")
        }
        try scene.write("[third.example.com]")
        try scene.node.settle()
        #expect(try !goesOn())
    }
}
