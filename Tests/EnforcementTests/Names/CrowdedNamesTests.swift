import KernelDatapath
import PacketLab
import Testing

/// More names and addresses than a pod's share of `learned`.
@Suite("Names by the ten thousands", .serialized)
struct CrowdedNamesTests {
    @Test("the names that were told first go, for new flows alone, and nothing opens")
    func capacity() throws {
        let (names, each) = (3000, 32)
        func address(_ number: Int) -> String { "11.\(16 + number >> 16).\(number >> 8 & 255).\(number & 255)" }
        let zone = (0..<names * each).map { "h\($0 / each).wild A \(address($0))\n" }.joined()
        let scene = try NameScene(by: .unbound(zone: "api A 11.0.0.1\n" + zone))
        defer { scene.close() }
        let result = try scene.perl(
            """
            sub ask { my @all = gethostbyname($_[0]); return @all[4..$#all] }
            sub flow { socket(my $s, PF_INET, SOCK_DGRAM, 0);
                       return connect($s, pack_sockaddr_in(9, $_[0])) && defined send($s, 'x', 0) ? $s : 0 }
            sub outcome { return $_[0] ? 'ok' : 'denied' }
            my ($first) = ask('api.example.com');
            my $old = flow($first);
            my ($denied, $incomplete) = (0, 0);
            for my $i (0..\(names - 1)) {
              my @a = ask("h$i.wild.example.com");
              @a == \(each) or ++$incomplete;
              for my $a (@a) { flow($a) or ++$denied }
            }
            print "$denied denied, $incomplete incomplete; old ", outcome(defined send($old, 'x', 0));
            print ', new ', outcome(flow($first)), ', never told ', outcome(flow(inet_aton('\(address(names * each))')));
            ask('api.example.com');
            print ', asked again ', outcome(flow($first));
            """)
        #expect(result == "0 denied, 0 incomplete; old ok, new denied, never told denied, asked again ok")
        let level = try LearnedNames(pins: scene.node.pins).fillLevel()
        #expect(level.used == 4096, "\(level)")
    }
}
