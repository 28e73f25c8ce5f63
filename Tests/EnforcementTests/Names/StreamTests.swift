import FoundationEssentials
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Resolvers' TCP streams whose middle would be an answer, if anybody read it.
@Suite("Streams of resolvers", .serialized)
struct StreamTests {
    /// A client that is in the middle of a TXT answer of 51 KB.
    private struct Stalled {
        let file: String
        let program: Program
        let output: String

        init(_ word: String, _ scene: NameScene) throws {
            file = "\(scene.node.directory)/\(word)"
            (program, output) = try scene.launch([
                "/usr/bin/perl", "-MSocket", "-e",
                NameScene.asking + """
                    $| = 1;
                    my $s = dial(); ask($s, '\(word).attacker.example', 16);
                    sysread($s, my $m, 1000); print 'stalled ';
                    while (length $m < 2 + unpack('n', $m)) { sysread($s, $m, 65536, length $m) or last }
                    print length $m;
                    """,
            ])
            try scene.node.waitUntil("the beginning of \(word)") { try text == "stalled " }
        }

        private var text: String { get throws { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" } }

        /// Lets the rest come.
        func readOn(_ scene: NameScene) throws {
            try "".write(toFile: file, atomically: false, encoding: .utf8)
            try scene.node.waitUntil("the rest of \(file)") { program.hasEnded }
            #expect(try text.hasPrefix("stalled 5"))
        }
    }

    /// What is answered later has been read, and nothing of what stood in a TXT's text.
    private func expectNothing(_ scene: NameScene, _ number: Int) throws {
        let asked = try scene.perl(
            NameScene.asking
                + "over_tcp('n\(number).c2.wild.example.com', 1); print flow(number(\(number) * 2)) ? 'ok' : 'denied'")
        #expect(asked == "ok")
        #expect(try scene.send("11.0.0.66") == "denied")
        let told = try LearnedNames(pins: scene.node.pins).all().map(\.place.address.description)
        #expect(!told.contains("11.0.0.66"))
    }

    @Test(
        "B1: the middle of a resolver's TCP stream is never read: after 1,100 others, after a restart of the agent, without one"
    )
    func middles() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        let crowded = try Stalled("crowded", scene)
        let asked = try scene.perl(
            NameScene.asking + """
                my $heard = 0;
                over_tcp("x$_.attacker.example", 1) and ++$heard for 1 .. 1100;
                print $heard;
                """)
        #expect(asked == "1100")
        try crowded.readOn(scene)
        try expectNothing(scene, 10)

        let restarted = try Stalled("restarted", scene)
        let orphaned = try Stalled("orphaned", scene)
        scene.node.killAgent()
        try orphaned.readOn(scene)
        try scene.node.start()
        try restarted.readOn(scene)
        try expectNothing(scene, 20)
    }

    /// Loses one in ten of a resolver's segments before the pod's hooks see them.
    private func lose(_ scene: NameScene) throws {
        let object = "\(scene.node.directory)/lose.bpf.o"
        let script = """
            ${CLANG:-clang} -target bpf -O2 -g -idirafter /usr/include/$(uname -m)-linux-gnu \
                -c \(NameClient.sources)/lose.bpf.c -o \(object) &&
            /usr/sbin/tc qdisc add dev eth0 clsact &&
            /usr/sbin/tc filter add dev eth0 ingress bpf da obj \(object) sec tc && echo lossy
            """
        let output = "\(scene.node.directory)/lose"
        let program = try scene.node.lab.launch(
            ["/bin/sh", "-c", script], in: scene.node.lab.cgroup("servers/dns"), scene.pod.place, output: output)
        try scene.node.waitUntil("a lossy way") { program.hasEnded }
        #expect(try String(contentsOfFile: output, encoding: .utf8).hasSuffix("lossy\n"))
    }

    @Test("B1: behind lost segments every answer is read, and nothing but answers")
    func losses() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        try scene.serverPlace.configure("link set eth0 gso_max_segs 1")
        try lose(scene)
        let stalled = try Stalled("lossy", scene)
        // 250 addresses take three segments.
        let passed = try scene.passes("over_tcp($name, 1)", names: 50, addresses: 250, first: 100)
        print("B1: \(passed) passed where one segment in ten is lost")
        #expect(passed == "50 of 50")
        try stalled.readOn(scene)
        try expectNothing(scene, 30_000)
    }

    @Test("B1: an answer over TCP that no socket asked for opens nothing")
    func unasked() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        let before = try AnswerCounters(pins: scene.node.pins).read().unasked
        // A length that comes in two segments is no query that is noted; the resolver answers it all the same.
        let answered = try scene.perl(
            NameScene.asking + """
                my $s = dial(); setsockopt($s, 6, 1, 1);
                my $q = query(7, 'api.example.com', 1);
                my $framed = pack('n', length $q) . $q;
                syswrite($s, substr($framed, 0, 1)); sleep 0.05; syswrite($s, substr($framed, 1));
                print length(hear($s)) > 30 ? 'answered ' : '', flow(number(1)) ? 'ok' : 'denied';
                """)
        #expect(answered == "answered denied")
        #expect(try AnswerCounters(pins: scene.node.pins).read().unasked == before + 1)
    }
}
