import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// One test for each of the design's "details that are easy to get wrong", with
/// literal expectations.
@Suite struct DesignDetailsTests {
    @Test("isolation is per direction") func isolationIsPerDirection() throws {
        let cluster = SmallCluster([
            pod("n/web", "10.0.0.1", labels: ["app": "web"]), pod("n/db", "10.0.0.2", labels: ["app": "db"]),
            policy("n/ingress-only", isolates: false, rule()),
            policy("n/web", on: ["app": "web"]),
        ])
        #expect(try cluster.action("n/web", to: "10.0.0.2", 80) == .deny)
        #expect(try cluster.action("n/db", to: "10.0.0.1", 80) == .allow)
        #expect(cluster.compiler.subjects[key("n/web")]?.flags.contains(.isolated) == true)
        #expect(cluster.compiler.subjects[key("n/db")]?.flags.contains(.isolated) == false)
    }

    @Test("no rules deny all and one empty rule allows all") func noRulesDenyAllAndOneEmptyRuleAllowsAll() throws {
        let cluster = SmallCluster([
            pod("a/p", "10.0.0.1"), pod("b/p", "10.0.0.2"), policy("a/none"), policy("b/all", rule()),
        ])
        for (address, port, number) in [("10.0.0.2", 80, 6), ("192.0.2.1", 0, 1), ("fd00::1", 53, 17)]
            as [(String, UInt16, UInt8)]
        {
            #expect(try cluster.action("a/p", to: address, port, protocol: number) == .deny)
            #expect(try cluster.action("b/p", to: address, port, protocol: number) == .allow)
        }
    }

    @Test("an empty selector selects everything and an absent one the own namespace")
    func anEmptySelectorSelectsEverythingAndAnAbsentOneTheOwnNamespace() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/same", "10.0.0.2"), pod("m/other", "10.0.0.3"),
            pod("own/p", "10.0.0.4"), pod("own/same", "10.0.0.5"),
            policy("n/everywhere", rule(to: [pods(inNamespaces: [:])])),
            policy("own/here", rule(to: [pods()])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.3", 80) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .deny)
        #expect(try cluster.action("own/p", to: "10.0.0.5", 80) == .allow)
        #expect(try cluster.action("own/p", to: "10.0.0.3", 80) == .deny)
    }

    @Test("both selectors must match the same pod") func bothSelectorsMustMatchTheSamePod() throws {
        let cluster = SmallCluster([
            .namespace(Namespace(name: "m", labels: ["team": "x", "kubernetes.io/metadata.name": "m"])),
            pod("n/p", "10.0.0.1"), pod("m/web", "10.0.0.2", labels: ["app": "web"]),
            pod("m/db", "10.0.0.3", labels: ["app": "db"]), pod("n/web", "10.0.0.4", labels: ["app": "web"]),
            policy("n/p", rule(to: [pods(["app": "web"], inNamespaces: ["team": "x"])])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.3", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.4", 80) == .deny)
    }

    @Test("not in matches a missing key") func notInMatchesAMissingKey() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/bare", "10.0.0.2"), pod("n/web", "10.0.0.3", labels: ["app": "web"]),
            policy(
                "n/p",
                rule(to: [.pods(in: .own, LabelSelector([.init(key: "app", operator: .notIn, values: ["web"])]))])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.3", 80) == .deny)
    }

    @Test("only a rule without ports covers ICMP") func onlyARuleWithoutPortsCoversICMP() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"),
            policy(
                "n/p", rule(to: [block("10.0.1.0/24")]),
                rule(1, to: [block("10.0.2.0/24")], ports: TransportProtocol.allCases.map { PolicyPort($0, .any) })),
        ])
        for number in [icmp, 58, 47, 0, 255] {
            #expect(try cluster.action("n/p", to: "10.0.1.1", protocol: number) == .allow)
            #expect(try cluster.action("n/p", to: "10.0.2.1", protocol: number) == .deny)
        }
        for number in [6, udp, sctp] {
            #expect(try cluster.action("n/p", to: "10.0.2.1", 65535, protocol: number) == .allow)
        }
    }

    @Test("a named port is what the destination pod calls it") func aNamedPortIsWhatTheDestinationPodCallsIt() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"),
            pod(
                "n/a", "10.0.0.2",
                ports: [
                    NamedPort(name: "web", protocol: .tcp, number: 8080),
                    NamedPort(name: "web", protocol: .tcp, number: 9090),
                ]),
            pod("m/b", "10.0.0.3", ports: [NamedPort(name: "web", protocol: .tcp, number: 80)]),
            pod("m/c", "10.0.0.4", ports: [NamedPort(name: "web", protocol: .udp, number: 80)]),
            policy("n/p", rule(ports: [PolicyPort(.tcp, .named("web"))])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 8080) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 9090) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.3", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.4", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.4", 80, protocol: udp) == .deny)
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .deny)
    }

    @Test("an except carves its own entry only") func anExceptCarvesItsOwnEntryOnly() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/web", "10.0.1.9", labels: ["app": "web"]),
            policy(
                "n/p", rule(to: [block("10.0.0.0/8", except: "10.0.1.0/24")]),
                rule(1, to: [block("10.0.1.0/28")], ports: [tcp(443)]),
                rule(2, to: [pods(["app": "web"])], ports: [tcp(80)])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.255", 1) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.1.0", 443) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.1.0", 444) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.1.16", 443) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.1.9", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.1.255", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.2.0", 80) == .allow)
    }

    @Test("all of IPv6 holds no IPv4") func allOfIPv6HoldsNoIPv4() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("m/p", "10.0.0.2"),
            policy("n/p", rule(to: [block("::/0")])), policy("m/p", rule(to: [block("0.0.0.0/0")])),
        ])
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .deny)
        #expect(try cluster.action("n/p", to: "2001:db8::1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "::1:0:0", 80) == .allow)
        #expect(try cluster.action("m/p", to: "192.0.2.1", 80) == .allow)
        #expect(try cluster.action("m/p", to: "2001:db8::1", 80) == .deny)
    }

    @Test("every address of a pod counts") func everyAddressOfAPodCounts() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/web", "10.0.0.2", "fd00::2", "10.0.0.3", labels: ["app": "web"]),
            policy("n/p", rule(to: [pods(["app": "web"])])),
        ])
        for address in ["10.0.0.2", "fd00::2", "10.0.0.3"] {
            #expect(try cluster.action("n/p", to: address, 80) == .allow)
        }
    }

    @Test("the node is no exception unless an option says so") func theNodeIsNoExceptionUnlessAnOptionSaysSo() throws {
        let objects = [pod("n/p", "10.0.0.1"), policy("n/p")]
        let node = IPAddress("192.0.2.7")!
        #expect(try SmallCluster(objects).action("n/p", to: "192.0.2.7", 22) == .deny)
        let lenient = SmallCluster(objects, options: CompilerOptions(allowedNodeAddresses: [node]))
        #expect(try lenient.action("n/p", to: "192.0.2.7", 22) == .allow)
        #expect(try lenient.action("n/p", to: "192.0.2.8", 22) == .deny)
    }

    @Test("host network pods are neither selected nor peers but guarded")
    func hostNetworkPodsAreNeitherSelectedNorPeersButGuarded() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/host", "192.0.2.7", hostNetwork: true),
            policy("n/p", rule(to: [pods()])),
        ])
        #expect(try cluster.action("n/host", to: "192.0.2.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.7", 80) == .deny)
        #expect(try cluster.action("n/host", to: "169.254.169.254", 80) == .guard)
    }

    @Test("finished pods are no peers") func finishedPodsAreNoPeers() throws {
        var cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("n/job", "10.0.0.2", labels: ["app": "web"], finished: true),
            policy("n/p", rule(to: [pods(["app": "web"])])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
        // The address goes to another pod.
        cluster.set(pod("n/new", "10.0.0.2", labels: ["app": "db"]))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
        cluster.set(pod("n/job", "10.0.0.3", labels: ["app": "web"]))
        #expect(try cluster.action("n/p", to: "10.0.0.3", 80) == .allow)
    }

    @Test("blocks match pod and service addresses too") func blocksMatchPodAndServiceAddressesToo() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("m/web", "10.0.0.2"), service("m/s", "10.96.0.1"),
            slice("m/s", of: "s", endpoint("10.1.0.2")),
            policy("n/p", rule(to: [block("10.0.0.0/24"), block("10.96.0.0/12")], ports: [tcp(80)])),
        ])
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 81) == .deny)
    }

    @Test("unknown namespaces have their name as a label") func unknownNamespacesHaveTheirNameAsALabel() throws {
        var cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("m/web", "10.0.0.2"),
            policy(
                "n/p", rule(to: [pods(inNamespaces: ["kubernetes.io/metadata.name": "m"])]),
                rule(1, to: [pods(inNamespaces: ["team": "x"])])),
        ])
        #expect(try cluster.cause("n/p", to: "10.0.0.2", 80) == .rule(policy: key("n/p"), rule: 0))
        cluster.set(.namespace(Namespace(name: "m", labels: ["team": "x"])))
        #expect(try cluster.cause("n/p", to: "10.0.0.2", 80) == .rule(policy: key("n/p"), rule: 1))
    }
}
