import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import Testing
import VerdictTables

/// One pod's questions and answers at the expense of others'.
@Suite("Shares of names", .serialized)
struct NameShareTests {
    @Test("B8: two processes that flood a resolver with questions cost another pod's answers after a second nothing")
    func queries() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        let attacker = try scene.node.pod("attacker", labels: "{app: client}", "10.9.0.2", "fd09::2")
        try scene.node.settle()
        let flood = """
            use Socket; use Time::HiRes 'time'; $| = 1;
            my @s = map { socket(my $s, PF_INET, SOCK_DGRAM, 0);
                          connect($s, pack_sockaddr_in(53, inet_aton('\(NameScene.silent)'))); $s } 1 .. 64;
            my $tail = pack('nnnnn', 0x100, 1, 0, 0, 0) . "\\1f\\7example\\3com\\0\\0\\1\\0\\1";
            my ($sent, $start) = (0, time);
            $SIG{TERM} = sub { printf '%.0f', $sent / (time - $start); exit };
            while (1) { for my $id (0 .. 65535) { for my $s (@s) { send($s, pack('n', $id) . $tail, 0); ++$sent } } }
            """
        let floods = try (0..<2).map { _ in
            try scene.launch(["/usr/bin/perl", "-e", flood], in: attacker)
        }
        // 500 questions at a time; the answers come a second later. The flood fills the kernel's queues of packets,
        // which then drop a few of anybody's: like any client, this one asks again.
        let result = try scene.perl(
            NameScene.asking + """
                my ($passed, $answered, $again) = (0, 0, 0);
                my @s = map { socket(my $s, PF_INET, SOCK_DGRAM, 0);
                  setsockopt($s, SOL_SOCKET, SO_RCVTIMEO, pack('q q', 3, 0));
                  connect($s, pack_sockaddr_in(53, inet_aton('\(NameScene.resolver)'))); $s } 0 .. 49;
                for my $round (0 .. 19) {
                  my %left = map { $_ => 1 } map { 1000 + $round * 500 + $_ } 0 .. 499;
                  my $tries = 0;
                  while (%left && $tries++ < 5) {
                    my @asked = (0) x 50;
                    for my $number (keys %left) {
                      send($s[$number % 50], query($number, "n$number.slow.wild.example.com", 1), 0);
                      ++$asked[$number % 50];
                    }
                    for my $n (0 .. 49) {
                      for (1 .. $asked[$n]) {
                        defined recv($s[$n], my $m, 4096, 0) or last;
                        delete $left{unpack('n', $m)} and ++$answered;
                      }
                    }
                    $again += %left;
                  }
                  for my $n (0 .. 499) { ++$passed if flow(number(1000 + $round * 500 + $n)) }
                }
                printf '%d of %d passed, %d answered, %d asked again', $passed, 10_000, $answered, $again;
                """, seconds: 240)
        var rate = 0
        for (program, output) in floods {
            kill(program.pid, SIGTERM)
            try scene.node.waitUntil("the end of the flood") { program.hasEnded }
            rate += try Int(String(contentsOfFile: output, encoding: .utf8)) ?? 0
        }
        print("B8: \(result), beside \(rate) questions a second")
        #expect(result.hasPrefix("10000 of 10000 passed, 10000 answered, "))
        let again = result.split(separator: " ").dropLast(2).last.flatMap { Int($0) }
        #expect(again.map { $0 < 1000 } == true)
        #expect(rate > 10_000)
    }

    @Test("B8: a pod that is told of a hundred thousand addresses keeps its share of names, and others keep theirs")
    func names() throws {
        let scene = try NameScene(by: .chosen)
        defer { scene.close() }
        let attacker = try scene.node.pod("attacker", labels: "{app: client}", "10.9.0.2", "fd09::2")
        try scene.node.settle()
        // A name that a rule covers, and one that none does.
        #expect(try scene.resolve("n1.c2.wild.example.com") == "11.0.0.2 ok 11.0.0.3 ok")
        #expect(try scene.resolve("n5.c2.other.example.com") == "11.0.0.10 denied 11.0.0.11 denied")
        for domain in ["wild", "other"] {
            let heard = try scene.perl(
                NameScene.asking
                    + "my $heard = 0; over_udp(\"n$_.c100.\(domain).example.com\") and ++$heard for 1001 .. 2000; print $heard",
                in: attacker)
            #expect(heard == "1000")
        }
        let all = try LearnedNames(pins: scene.node.pins).all()
        func held(_ pod: EnforcedPod, covered: Bool) -> Int {
            all.count { $0.name.pod.rawValue == pod.cgroup.id && $0.isCovered == covered }
        }
        print(
            "B8: of 100,000 addresses each the pod holds \(held(attacker, covered: true)) and \(held(attacker, covered: false))"
        )
        #expect(held(attacker, covered: true) == 4096 && held(attacker, covered: false) == 1024)
        #expect(held(scene.pod, covered: true) == 2 && held(scene.pod, covered: false) == 2)
        #expect(try scene.send("11.0.0.3") == "ok")
        // What the agent was told of in that time has a share as well: the other's uncovered names are told.
        #expect(try AnswerCounters(pins: scene.node.pins).read().read >= 2000)
    }
}
