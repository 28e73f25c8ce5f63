import FoundationEssentials
import Glibc
import PacketLab
import PolicyModel

/// A pod, a real resolver (dnsmasq) that it may ask, and a policy that lets it reach names.
///
/// Addresses of 11.0.0.0/8 stand for the internet's. Clients are the C library's resolver, by way
/// of perl, which Debian always has.
final class NameScene {
    let node: EnforcedNode
    let pod: EnforcedPod

    static let resolver = "10.9.0.53"
    /// Answers like the other, and nobody trusts it.
    static let impostor = "10.9.0.54"

    /// - Parameters:
    ///   - names: of the one Accept rule, in YAML's flow style.
    ///   - annotations: of the policy.
    ///   - records: dnsmasq's options.
    ///   - hosts: lines of a hosts(5) file.
    ///   - lifetime: of an answer, in seconds, at least and at most.
    init(
        _ names: String = "[api.example.com, '*.wild.example.com']", annotations: String = "{}",
        records: [String], hosts: String = "", lifetime: (Int, Int) = (60, 86_400), options: [String] = []
    ) throws {
        node = try EnforcedNode(
            options: options,
            config: """
                names: {findResolvers: false, resolvers: [\(Self.resolver)], minimumSeconds: \(lifetime.0), maximumSeconds: \(lifetime.1)}
                """)
        pod = try node.pod("pod", labels: "{app: client}", "10.9.0.1")
        try hosts.write(toFile: "\(node.directory)/hosts", atomically: false, encoding: .utf8)
        for (name, address) in [("dns", Self.resolver), ("impostor", Self.impostor)] {
            let place = try node.network().host(name, address)
            _ = try node.lab.launch(
                ["/usr/sbin/dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
                 "--pid-file=", "--user=root", "--addn-hosts=\(node.directory)/hosts", "--dns-forward-max=1000"]
                    + records,
                in: node.lab.cgroup("servers/\(name)"), place, output: "\(node.directory)/dnsmasq-\(name)")
        }
        try "nameserver \(Self.resolver)\noptions timeout:2\n".write(
            toFile: "\(node.directory)/resolv.conf", atomically: false, encoding: .utf8)
        try write(names, annotations: annotations)
        try node.start()
        try node.waitUntil("the resolver") { try !resolve("ready.invalid").contains("timed out") }
    }

    func close() { node.close() }

    /// What the policy lets the pod reach, beside its resolvers.
    func write(_ names: String, annotations: String = "{}", extra: String = "") throws {
        try node.write(
            "names.yaml",
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: names, annotations: \(annotations)}
            spec:
              tier: Admin
              priority: 10
              subject: {namespaces: {}}
              egress:
              - {name: resolvers, action: Accept, to: [{networks: [10.9.0.52/30]}]}
              \(extra)
              - {name: names, action: Accept, to: [{domainNames: \(names)}]}
              - {name: rest, action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}
            ---

            """)
    }

    /// Runs perl in the pod, with the scene's resolv.conf, and gives what it prints.
    func perl(_ program: String, resolver: String? = nil, seconds: Int = 60) throws -> String {
        let output = "\(node.directory)/perl-\(UInt32.random(in: 0...UInt32.max))"
        var configuration = "\(node.directory)/resolv.conf"
        if let resolver {
            configuration += "-\(resolver)"
            try "nameserver \(resolver)\n".write(toFile: configuration, atomically: false, encoding: .utf8)
        }
        let script = "mount --bind \(configuration) /etc/resolv.conf && exec perl -MSocket -e \"$0\""
        let run = try node.lab.launch(
            ["/usr/bin/unshare", "-m", "/bin/sh", "-c", script, program], in: pod.cgroup, pod.place, output: output)
        let deadline = Deadline(afterMs: seconds * 1000)
        while !run.hasEnded {
            guard !deadline.hasPassed else { throw LabError("perl", "no end: \(program)") }
            usleep(1000)
        }
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// Asks for a name, sends a datagram to each of its addresses, and tells what became of it:
    /// `11.0.0.1 ok` or `11.0.0.1 denied`, or `nothing`.
    func resolve(_ name: String, resolver: String? = nil) throws -> String {
        try perl(
            """
            my @all = gethostbyname('\(name)'); my @a = @all[4..$#all];
            print 'nothing' unless @a;
            for my $a (sort @a) {
              socket(my $s, PF_INET, SOCK_DGRAM, 0);
              my $ok = connect($s, pack_sockaddr_in(9, $a)) && defined send($s, 'x', 0);
              print inet_ntoa($a), $ok ? ' ok ' : ' denied ';
            }
            """, resolver: resolver
        ).split(separator: " ").joined(separator: " ")
    }

    /// Sends a datagram without asking anybody: `ok` or `denied`.
    func send(_ address: String) throws -> String {
        try perl(
            """
            socket(my $s, PF_INET, SOCK_DGRAM, 0);
            print connect($s, pack_sockaddr_in(9, inet_aton('\(address)'))) && defined send($s, 'x', 0) ? 'ok' : 'denied';
            """)
    }
}
