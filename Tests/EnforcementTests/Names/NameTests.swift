import Glibc
import KernelDatapath
import PacketLab
import Testing

/// Domain names, with a real resolver and real packets.
@Suite("Domain names", .serialized)
struct NameTests {
    private static let records = [
        "--address=/api.example.com/11.0.0.1", "--address=/other.example.com/11.0.0.2",
        "--address=/wild.example.com/11.0.0.3", "--address=/example.com/11.0.0.4",
        "--cname=alias.wild.example.com,hop.example.net", "--host-record=hop.example.net,11.0.0.5",
    ]

    @Test("a name opens its addresses and no others; names that no rule covers stay closed")
    func exactAndWildcard() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        #expect(try scene.send("11.0.0.1") == "denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        #expect(try scene.send("11.0.0.1") == "ok")
        #expect(try scene.resolve("other.example.com") == "11.0.0.2 denied")
        #expect(try scene.resolve("a.wild.example.com") == "11.0.0.3 ok")
        #expect(try scene.resolve("a.b.wild.example.com") == "11.0.0.3 ok")
        #expect(try scene.resolve("example.com") == "11.0.0.4 denied")
        #expect(try scene.resolve("API.Example.COM") == "11.0.0.1 ok")
        #expect(try scene.resolve("alias.wild.example.com") == "11.0.0.5 ok")
    }

    @Test("the bare domain is not below itself")
    func bareDomain() throws {
        let scene = try NameScene("['*.wild.example.com']", records: Self.records)
        defer { scene.close() }
        #expect(try scene.resolve("wild.example.com") == "11.0.0.3 denied")
        #expect(try scene.resolve("a.wild.example.com") == "11.0.0.3 ok")
    }

    enum AgentState: CaseIterable { case running, stopped, killed }

    @Test(
        "the first packet after each of 10,000 answers passes, with the agent there or not",
        arguments: AgentState.allCases)
    func firstConnections(agent: AgentState) throws {
        let count = 10_000
        let hosts = (1...count).map { "11.1.\($0 / 250).\($0 % 250 + 1) h\($0).wild.example.com\n" }.joined()
        let scene = try NameScene(records: [], hosts: hosts)
        defer { scene.close() }
        switch agent {
        case .running: break
        case .stopped: kill(try #require(scene.node.agent).pid, SIGSTOP)
        case .killed: scene.node.killAgent()
        }
        let result = try scene.perl(
            """
            my ($denied, $unknown) = (0, 0);
            for my $i (1..\(count)) {
              my $a = gethostbyname("h$i.wild.example.com") or ++$unknown && next;
              socket(my $s, PF_INET, SOCK_DGRAM, 0);
              connect($s, pack_sockaddr_in(9, $a)) && defined send($s, 'x', 0) or ++$denied;
            }
            print "$denied denied, $unknown unknown";
            """, seconds: 120)
        if agent == .stopped { kill(try #require(scene.node.agent).pid, SIGCONT) }
        #expect(result == "0 denied, 0 unknown")
    }

    @Test("an answer of a resolver that is not trusted opens nothing")
    func impostor() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        #expect(try scene.resolve("api.example.com", resolver: NameScene.impostor) == "11.0.0.1 denied")
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
    }

    @Test("an answer with a private, a local or a guarded address opens nothing, unless the policy wants it")
    func rebinding() throws {
        let records = [
            "--host-record=a.wild.example.com,10.9.0.80", "--host-record=b.wild.example.com,169.254.169.254",
            "--host-record=c.wild.example.com,100.64.0.1", "--host-record=d.wild.example.com,168.63.129.16",
        ]
        let scene = try NameScene(records: records)
        defer { scene.close() }
        #expect(try scene.resolve("a.wild.example.com") == "10.9.0.80 denied")
        #expect(try scene.resolve("b.wild.example.com") == "169.254.169.254 denied")
        #expect(try scene.resolve("c.wild.example.com") == "100.64.0.1 denied")
        try scene.write("['*.wild.example.com']", annotations: "{sluice.dev/private-answers: allow}")
        try scene.node.settle()
        #expect(try scene.resolve("a.wild.example.com") == "10.9.0.80 ok")
        #expect(try scene.resolve("c.wild.example.com") == "100.64.0.1 ok")
    }

    @Test("a Deny above the name's rule wins, one below does not")
    func precedence() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 ok")
        try scene.write(
            "[api.example.com]", extra: "- {name: never, action: Deny, to: [{networks: [11.0.0.1/32]}]}")
        try scene.node.settle()
        #expect(try scene.resolve("api.example.com") == "11.0.0.1 denied")
    }

    @Test("a name's time ends for new flows, and not for those that it allowed, whatever policy says of others")
    func expiry() throws {
        let scene = try NameScene(records: Self.records, lifetime: (1, 1))
        defer { scene.close() }
        let result = try scene.perl(
            """
            $| = 1;
            my $a = gethostbyname('api.example.com');
            sub flow { socket(my $s, PF_INET, SOCK_DGRAM, 0); return connect($s, pack_sockaddr_in(9, $a)) && defined send($s, 'x', 0) ? $s : 0 }
            my $old = flow() or die 'denied';
            sleep 2;
            print flow() ? 'new ok ' : 'new denied ', defined send($old, 'x', 0) ? 'old ok' : 'old denied';
            """)
        #expect(result == "new denied old ok")
    }

    @Test("an answer that is too long for a datagram is read from the connection that follows")
    func overTCP() throws {
        let hosts = (1...40).map { "11.2.0.\($0) many.wild.example.com\n" }.joined()
        let scene = try NameScene(records: ["--edns-packet-max=512"], hosts: hosts)
        defer { scene.close() }
        // The agent reads it, a moment after the pod.
        try scene.node.waitUntil("all forty") {
            let result = try scene.resolve("many.wild.example.com")
            return result.contains("11.2.0.40 ok") && !result.contains("denied")
        }
        let readings = try AnswerCounters(pins: scene.node.pins).read()
        #expect(readings.truncated > 0)
    }

    @Test("what was asked is told by name")
    func told() throws {
        let scene = try NameScene(records: Self.records)
        defer { scene.close() }
        #expect(try scene.resolve("other.example.com") == "11.0.0.2 denied")
        try scene.node.waitUntil("the flow") {
            try scene.node.observe(["--last", "50"]).contains("other.example.com")
        }
    }
}
