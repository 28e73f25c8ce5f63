import Glibc
import PacketLab
import Testing

/// Domain names asked for by the resolvers that real programs have.
@Suite("Domain names for real clients", .serialized)
struct ClientTests {
    @Test(
        "the first packet after the answer passes, one to a name that no rule covers does not",
        arguments: NameClient.allCases)
    func firstPackets(client: NameClient) throws {
        let names = 200
        // An address of either family for each name, and names that no rule covers.
        let zone = (1...names).map {
            """
            n\($0).wild A 11.4.0.\($0)
            n\($0).wild AAAA 2600::4:\($0)
            n\($0).other A 11.5.0.\($0)
            n\($0).other AAAA 2600::5:\($0)

            """
        }.joined()
        let scene = try NameScene(by: .unbound(zone: zone))
        defer { scene.close() }
        let program = try client.build(in: scene.node.directory)
        func ask(_ domain: String) throws -> Set<String> {
            let words = (1...names).map { "n\($0).\(domain).example.com" }
            return Set(try scene.run([program] + words).split(separator: "\n").map(String.init))
        }
        #expect(try ask("other") == Set((1...names).flatMap { ["11.5.0.\($0) denied", "2600::5:\($0) denied"] }))
        #expect(try ask("wild") == Set((1...names).flatMap { ["11.4.0.\($0) ok", "2600::4:\($0) ok"] }))
    }

    @Test("what a truncated answer holds opens at once: musl 1.2.3 asks no further")
    func truncated() throws {
        let hosts = (1...40).map { "11.2.0.\($0) many.wild.example.com\n" }.joined()
        let scene = try NameScene(records: ["--local=/example.com/"], hosts: hosts)
        defer { scene.close() }
        let program = try NameClient.musl.build(in: scene.node.directory)
        kill(try #require(scene.node.agent).pid, SIGSTOP)
        let lines = try scene.run([program, "many.wild.example.com"]).split(separator: "\n")
        #expect((2..<40).contains(lines.count) && lines.allSatisfy { $0.hasSuffix(" ok") }, "\(lines)")
    }

    @Test(
        "what is asked again by TCP opens at once",
        arguments: NameClient.allCases.filter { $0 != .musl })
    func overTCP(client: NameClient) throws {
        let addresses = (1...90).map { "11.6.0.\($0)" }
        let scene = try NameScene(by: .unbound(zone: addresses.map { "many.wild A \($0)\n" }.joined()))
        defer { scene.close() }
        let program = try client.build(in: scene.node.directory)
        let lines = try scene.run([program, "many.wild.example.com"]).split(separator: "\n").map(String.init)
        #expect(Set(lines) == Set(addresses.map { "\($0) ok" }) && lines.count == addresses.count)
    }
}
