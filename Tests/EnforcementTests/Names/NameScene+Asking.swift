import FoundationEssentials
import Glibc
import PacketLab
import TestHarness

/// What a pod's programs ask, and what becomes of what they then send.
extension NameScene {
    /// Runs a program in a pod, with a resolv.conf(5) of the scene's, and gives what it prints.
    ///
    /// - Parameters:
    ///   - resolver: whom resolv.conf names.
    ///   - asker: the pod; nil is the scene's first.
    ///   - place: its network namespace; nil is the pod's own.
    ///   - options: of resolv.conf.
    func run(
        _ command: [String], resolver: String = NameScene.resolver, in asker: EnforcedPod? = nil,
        _ place: NetworkNamespace? = nil, seconds: Int = 60, options: String = "timeout:2 edns0"
    ) throws -> String {
        let (program, output) = try launch(command, resolver: resolver, in: asker, place, options: options)
        try blockUntil("\(command) has ended", within: .seconds(seconds)) { program.hasEnded }
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// Starts one, and gives the file to which it prints.
    func launch(
        _ command: [String], resolver: String = NameScene.resolver, in asker: EnforcedPod? = nil,
        _ place: NetworkNamespace? = nil, options: String = "timeout:2 edns0"
    ) throws -> (Program, String) {
        let asker = asker ?? pod
        let output = "\(node.directory)/output-\(UInt32.random(in: 0...UInt32.max))"
        let configuration = "\(node.directory)/resolv.conf-\(UInt32.random(in: 0...UInt32.max))"
        // EDNS (RFC 6891) lets 32 addresses come in one datagram.
        try "nameserver \(resolver)\noptions \(options)\n".write(
            toFile: configuration, atomically: false, encoding: .utf8)
        let script = "mount --bind \(configuration) /etc/resolv.conf && exec \"$0\" \"$@\""
        let program = try node.lab.launch(
            ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script] + command, in: asker.cgroup, place ?? asker.place,
            output: output)
        return (program, output)
    }

    /// The C library's resolver by way of perl, which Debian always has.
    func perl(
        _ program: String, resolver: String = NameScene.resolver, in asker: EnforcedPod? = nil,
        _ place: NetworkNamespace? = nil, seconds: Int = 60, options: String = "timeout:2 edns0"
    ) throws -> String {
        try run(
            ["/usr/bin/perl", "-MSocket", "-MTime::HiRes=sleep,time", "-e", program], resolver: resolver, in: asker,
            place, seconds: seconds, options: options)
    }

    /// Asks for a name, sends a datagram to each of its addresses, and tells what became of it:
    /// `11.0.0.1 ok` or `11.0.0.1 denied`, or `nothing`.
    func resolve(
        _ name: String, resolver: String = NameScene.resolver, in asker: EnforcedPod? = nil,
        _ place: NetworkNamespace? = nil
    ) throws -> String {
        try perl(
            """
            my @all = gethostbyname('\(name)'); my @a = @all[4..$#all];
            print 'nothing' unless @a;
            for my $a (sort @a) {
              socket(my $s, PF_INET, SOCK_DGRAM, 0);
              my $ok = connect($s, pack_sockaddr_in(9, $a)) && defined send($s, 'x', 0);
              print inet_ntoa($a), $ok ? ' ok ' : ' denied ';
            }
            """, resolver: resolver, in: asker, place
        ).split(separator: " ").joined(separator: " ")
    }

    /// Sends a datagram without asking anybody: `ok` or `denied`.
    func send(_ address: String, in asker: EnforcedPod? = nil) throws -> String {
        try perl(
            """
            socket(my $s, PF_INET, SOCK_DGRAM, 0);
            print connect($s, pack_sockaddr_in(9, inet_aton('\(address)'))) && defined send($s, 'x', 0) ? 'ok' : 'denied';
            """, in: asker)
    }
}
