import Glibc
import KernelDatapath
import PacketLab
import Testing

/// Domain names as unbound answers them: other packets than dnsmasq's.
@Suite("Domain names by unbound", .serialized)
struct UnboundTests {
    private static let chain = (1...7).map { "c\($0) CNAME c\($0 + 1)\n" }.joined()
    private static func many(_ name: String, _ count: Int) -> String {
        (1...count).map { "\(name) A 11.3.\(count).\($0)\n" }.joined()
    }

    private func scene() throws -> NameScene {
        try NameScene(
            by: .unbound(
                zone: """
                    api A 11.0.0.1
                    other A 11.0.0.2
                    zero.wild 0 A 11.0.0.3
                    week.wild 604800 A 11.0.0.4
                    chain.wild CNAME c1
                    c8 A 11.0.0.5

                    """ + Self.chain + Self.many("many.wild", 32) + Self.many("more.wild", 33)
                        + Self.many("long.wild", 120)))
    }

    @Test("names, chains of eight, mixed case and 32 addresses open at once; other names do not")
    func answers() throws {
        let scene = try scene()
        defer { scene.close() }
        #expect(try scene.resolve("other.example.com") == "11.0.0.2 denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        // As resolvers and clients ask that mix letters (draft-vixie-dnsext-dns0x20).
        #expect(try scene.resolve("zErO.WiLd.eXaMpLe.CoM") == "11.0.0.3 ok")
        // The chain's last name is not below the wildcard: what was asked counts.
        #expect(try scene.resolve("c8.example.com") == "11.0.0.5 denied")
        #expect(try scene.resolve("chain.wild.example.com") == "11.0.0.5 ok")
        let many = try scene.resolve("many.wild.example.com")
        #expect(many.split(separator: " ").count { $0 == "ok" } == 32 && !many.contains("denied"), "\(many)")
    }

    @Test("a TTL of zero counts a minute, one of a week a day, as configured")
    func lifetimes() throws {
        let scene = try scene()
        defer { scene.close() }
        #expect(try scene.resolve("zero.wild.example.com") == "11.0.0.3 ok")
        #expect(try scene.resolve("week.wild.example.com") == "11.0.0.4 ok")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        let names = try LearnedNames(pins: scene.node.pins).all().map(\.name)
        let seconds = Dictionary(
            names.map { ($0.name, ($0.expires - $0.heard) / 1_000_000_000) }, uniquingKeysWith: max)
        #expect(seconds == ["zero.wild.example.com": 60, "week.wild.example.com": 86_400, "api.example.com": 300])
    }

    @Test("while the agent is stopped, what is too long for a datagram opens all the same")
    func overTCP() throws {
        let scene = try scene()
        defer { scene.close() }
        let agent = try #require(scene.node.agent).pid
        kill(agent, SIGSTOP)
        defer { kill(agent, SIGCONT) }
        // More than a datagram takes: asked again by TCP.
        for name in ["long.wild.example.com", "more.wild.example.com"] {
            let result = try scene.resolve(name)
            #expect(result.contains("ok") && !result.contains("denied"), "\(name): \(result)")
        }
        #expect(try scene.send("11.3.120.120") == "ok")
        #expect(try scene.send("11.3.33.33") == "ok")
        #expect(try scene.send("11.3.120.121") == "denied")
        let readings = try AnswerCounters(pins: scene.node.pins).read()
        #expect(readings.truncated >= 1 && readings.copied == 0 && readings.lost == 0, "\(readings)")
    }
}
