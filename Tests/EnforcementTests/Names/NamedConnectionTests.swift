import Glibc
import PacketLab
import Testing

/// Connections that a name allowed, when its time is over and policy changes.
@Suite("Connections by name", .serialized)
struct NamedConnectionTests {
    @Test("a connection outlives its name's time and changes of policy, until the name is no longer allowed")
    func judgedAgain() throws {
        let scene = try NameScene(
            "[api.example.com]", records: ["--address=/api.example.com/11.0.0.1"], lifetime: (1, 1))
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

    @Test("B4: one UDP socket goes on to two names in turn past the time of their answers")
    func inTurn() throws {
        let scene = try NameScene(
            "[api.example.com, other.example.com]",
            records: ["--address=/api.example.com/11.0.0.1", "--address=/other.example.com/11.0.0.2"],
            lifetime: (1, 1), grace: 2)
        defer { scene.close() }
        for (name, address) in [("api", "11.0.0.1"), ("other", "11.0.0.2")] {
            #expect(try scene.resolve("\(name).example.com") == "\(address) ok")
        }
        let socket = try scene.pod.process.open(.udp4)
        // Three times as long as the answers' time and the grace together could last without use.
        for turn in 0..<30 {
            let to = Endpoint(turn % 2 == 0 ? "11.0.0.1" : "11.0.0.2", 9)
            let result = try scene.pod.process.run(.sendTo(socket, to, bytes: [1], fastOpen: false)).result
            #expect(result == .ok, "turn \(turn)")
            usleep(300_000)
        }
    }

    @Test("B5: an unconnected UDP flow goes on past its answer's time when the pod's policy gains a rule")
    func unconnected() throws {
        let scene = try NameScene(
            "[api.example.com]", records: ["--address=/api.example.com/11.0.0.1"], lifetime: (1, 1), grace: 0)
        defer { scene.close() }
        let to = Endpoint("11.0.0.1", 9)
        let socket = try scene.pod.process.open(.udp4)
        func goesOn() throws -> Bool {
            try scene.pod.process.run(.sendTo(socket, to, bytes: [1], fastOpen: false)).isOK
        }
        try scene.node.waitUntil("a flow within the name's second") {
            try scene.resolve("api.example.com") == "11.0.0.1 ok" && goesOn()
        }
        try scene.node.waitUntil("the end of the name's time") { try scene.send("11.0.0.1") == "denied" }
        #expect(try goesOn())
        try scene.write("[api.example.com, third.example.com]")
        try scene.node.settle()
        #expect(try goesOn())
        scene.node.killAgent()
        try scene.node.start()
        #expect(try goesOn())
        try scene.write("[third.example.com]")
        try scene.node.settle()
        #expect(try !goesOn())
    }
}
