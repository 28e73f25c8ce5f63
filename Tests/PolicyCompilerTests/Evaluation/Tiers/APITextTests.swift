import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// What the text of ClusterNetworkPolicy (v1alpha2, clusternetworkpolicy_types.go) says
/// of egress: one test for each sentence that must hold.
@Suite struct APITextTests {
    static let pods = [
        pod("n/p", "10.0.0.1", labels: ["app": "p"]), pod("m/web", "10.0.0.2", labels: ["app": "web"]),
        pod("m/db", "10.0.0.3", labels: ["app": "db"]), pod("k/free", "10.0.0.4"),
    ]

    func cluster(_ objects: ClusterObject...) -> SmallCluster { SmallCluster(Self.pods + objects) }

    @Test("Policies of tier Admin cannot be overridden in the other tiers")
    func adminWins() throws {
        let cluster = cluster(
            tier(.admin, deny(namespace("m"), ports: [tcp(80)]), accept(namespace("m"))),
            policy("n/open", rule()), policy("n/none"), tier(.baseline, 1, "base", accept(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 81) == .allow)
    }

    @Test("If tier Admin has decided, no further evaluation is done")
    func adminEnds() throws {
        let cluster = cluster(
            tier(.admin, accept(network("192.0.2.0/24"))), policy("n/none"),
            tier(.baseline, 1, "base", deny(network("0.0.0.0/0"))))
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "198.51.100.1", 80) == .deny)
    }

    @Test("NetworkPolicy always makes a final decision for the pods it selects")
    func networkPolicyIsFinal() throws {
        let cluster = cluster(
            policy("n/some", on: ["app": "p"], rule(to: [block("192.0.2.0/24")])),
            tier(.baseline, accept(network("0.0.0.0/0"))))
        #expect(try cluster.action("n/p", to: "198.51.100.1", 80) == .deny)
        let other = self.cluster(
            policy("n/some", on: ["app": "p"], rule(to: [block("192.0.2.0/24")])),
            tier(.baseline, deny(network("0.0.0.0/0"))))
        #expect(try other.action("n/p", to: "192.0.2.1", 80) == .allow)
    }

    @Test("Tier Baseline is for pods that no NetworkPolicy selects, and NetworkPolicy overrides it")
    func baselineComesLast() throws {
        var cluster = cluster(tier(.baseline, accept(namespace("m"), ports: [tcp(80)]), deny(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 81) == .deny)
        cluster.set(policy("n/open", rule()))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 81) == .allow)
        cluster.set(policy("n/open", isolates: false, rule()))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 81) == .deny)
    }

    @Test("What no tier allows or denies is allowed")
    func defaultAllows() throws {
        let cluster = cluster(
            tier(.admin, deny(namespace("m"))), tier(.baseline, 1, "base", deny(namespace("m"))))
        #expect(try cluster.cause("n/p", to: "10.0.0.4", 80) == .notIsolated)
    }

    @Test("Policies of lower priority values are checked first")
    func lowerPriorityFirst() throws {
        for (first, second, expected) in [(0, 1000, Action.allow), (1000, 0, .deny), (9, 10, .allow)] {
            let cluster = cluster(
                tier(.admin, first, "z", accept(namespace("m"))), tier(.admin, second, "a", deny(namespace("m"))))
            #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == expected)
        }
    }

    @Test("Priorities count within their tier alone")
    func priorityIsPerTier() throws {
        let cluster = cluster(
            tier(.admin, 1000, "late", deny(namespace("m"))), tier(.baseline, 0, "early", accept(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
    }

    @Test("Equal priorities are settled by kind and then by name, and reported")
    func equalPriorities() throws {
        var cluster = cluster(
            tier(.admin, 5, "b", deny(namespace("m"))), tier(.admin, 5, "a", accept(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(cluster.compiler.warnings.map(\.object) == ["ClusterNetworkPolicy b"])
        #expect(cluster.compiler.warnings.first?.message.contains("ClusterNetworkPolicy a") == true)
        cluster.set(tier(.admin, 5, "z", of: .adminNetworkPolicy, deny(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
        #expect(cluster.compiler.warnings.count == 2)
        // Of another tier, or without a say in egress, nothing is ambiguous.
        #expect(
            self.cluster(
                tier(.admin, 5, "a", deny(namespace("m"))), tier(.baseline, 5, "b", deny(namespace("m"))),
                tier(.admin, 5, "c")
            ).compiler.warnings == [])
    }

    @Test("A rule at the top takes the highest precedence")
    func rulesInOrder() throws {
        let cluster = cluster(
            tier(
                .admin, deny(namespace("m"), ports: [tcp(1...100)]), accept(namespace("m"), ports: [tcp(50...200)]),
                deny(namespace("m"))))
        for (port, expected) in [
            (1, Action.deny), (50, .deny), (100, .deny), (101, .allow), (200, .allow), (201, .deny),
        ] {
            #expect(try cluster.action("n/p", to: "10.0.0.2", UInt16(port)) == expected)
        }
    }

    @Test("A policy without egress rules does not affect egress")
    func noRules() throws {
        let cluster = cluster(tier(.admin), tier(.baseline, 1, "base"))
        #expect(cluster.compiler.subjects[key("n/p")]?.policySet == .guardsOnly)
    }

    @Test("Pass skips the rest of the tier and leads to the next")
    func passLeadsOn() throws {
        var cluster = cluster(
            tier(.admin, 1, "a", pass(namespace("m"), ports: [tcp(80)])), tier(.admin, 2, "b", deny(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 81) == .deny)
        cluster.set(tier(.baseline, 1, "c", pass(namespace("m"), ports: [tcp(80)]), deny(namespace("m"))))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        cluster.set(policy("n/none"))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .deny)
    }

    @Test("A subject is pods by namespace, or by namespace and pod labels")
    func subjects() throws {
        let cluster = cluster(
            tier(.admin, on: inNamespace("m", ["app": "web"]), deny(network("192.0.2.0/24"))))
        #expect(try cluster.action("m/web", to: "192.0.2.1", 80) == .deny)
        #expect(try cluster.action("m/db", to: "192.0.2.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .allow)
    }

    @Test("Host-networked pods are not included in subject selection")
    func hostNetworkIsNoSubject() throws {
        let cluster = cluster(
            pod("n/host", "192.0.2.7", hostNetwork: true), tier(.admin, deny(network("0.0.0.0/0"))))
        #expect(try cluster.action("n/host", to: "192.0.2.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.1", 80) == .deny)
    }

    @Test("Host-networked pods are not included in peers of pods and namespaces")
    func hostNetworkIsNoPeer() throws {
        let cluster = cluster(pod("m/host", "192.0.2.7", hostNetwork: true), tier(.admin, deny(namespace("m"))))
        #expect(try cluster.action("n/p", to: "192.0.2.7", 80) == .allow)
    }

    @Test("Nodes select the addresses of status.addresses by the nodes' labels; empty means all")
    func nodePeers() throws {
        var cluster = cluster(
            pod("m/host", "192.0.2.7", hostNetwork: true), node("a", "192.0.2.7", "fd00::a", labels: ["role": "db"]),
            node("b", "192.0.2.8"),
            tier(
                .admin, deny(.nodes(LabelSelector(matchLabels: ["role": "db"])), ports: [tcp(22)]),
                deny(.nodes(LabelSelector()), ports: [tcp(23)])))
        for (address, port, expected) in [
            ("192.0.2.7", 22, Action.deny), ("fd00::a", 22, .deny), ("192.0.2.8", 22, .allow), ("192.0.2.8", 23, .deny),
            ("192.0.2.9", 23, .allow),
        ] {
            #expect(try cluster.action("n/p", to: address, UInt16(port)) == expected, "\(address) \(port)")
        }
        cluster.set(node("b", "192.0.2.9", labels: ["role": "db"]))
        #expect(try cluster.action("n/p", to: "192.0.2.8", 23) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.9", 22) == .deny)
        cluster.remove(node("a"))
        #expect(try cluster.action("n/p", to: "192.0.2.7", 22) == .allow)
    }

    @Test("Networks are checked for traffic within the cluster as well")
    func networksInTheCluster() throws {
        let cluster = cluster(tier(.admin, pass(namespace("m")), deny(network("0.0.0.0/0"))))
        #expect(try cluster.action("n/p", to: "10.0.0.4", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
    }

    @Test("Networks match ICMP too, each family its own")
    func networksMatchICMP() throws {
        let cluster = cluster(tier(.admin, deny(network("0.0.0.0/0"))))
        #expect(try cluster.action("n/p", to: "192.0.2.1", protocol: icmp) == .deny)
        #expect(try cluster.action("n/p", to: "2001:db8::1", protocol: 58) == .allow)
        let both = self.cluster(tier(.admin, deny(network("::/0"))))
        #expect(try both.action("n/p", to: "192.0.2.1", protocol: icmp) == .allow)
        #expect(try both.action("n/p", to: "2001:db8::1", protocol: 58) == .deny)
    }

    @Test("Without protocols a rule matches whatever the protocol; with them, those alone")
    func protocols() throws {
        let cluster = cluster(
            tier(
                .admin,
                deny(
                    namespace("m"), ports: [PolicyPort(.sctp, .range(9003...9003)), PolicyPort(.udp, .range(53...60))]),
                accept(namespace("m"), ports: [tcp(80)])), policy("n/none"))
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", protocol: icmp) == .deny)
        let all = self.cluster(tier(.admin, accept(namespace("m"))), policy("n/none"))
        for number in [icmp, 6, udp, sctp, 47] as [UInt8] {
            #expect(try all.action("n/p", to: "10.0.0.2", 7, protocol: number) == .allow)
        }
        let open = self.cluster(
            tier(
                .admin,
                deny(
                    namespace("m"), ports: [PolicyPort(.sctp, .range(9003...9003)), PolicyPort(.udp, .range(53...60))]))
        )
        for (port, number, expected) in [
            (9003, sctp, Action.deny), (9003, 6, .allow), (53, udp, .deny), (60, udp, .deny), (61, udp, .allow),
            (0, icmp, .allow),
        ] {
            #expect(try open.action("n/p", to: "10.0.0.2", UInt16(port), protocol: number) == expected)
        }
    }

    @Test("A named port is the destination pod's container port of that name, whatever its protocol")
    func namedPorts() throws {
        let ports = [
            NamedPort(name: "web", protocol: .tcp, number: 80), NamedPort(name: "web", protocol: .udp, number: 81),
        ]
        let cluster = cluster(
            pod("m/named", "10.0.0.9", ports: ports), tier(.admin, deny(namespace("m"), ports: named("web"))))
        #expect(try cluster.action("n/p", to: "10.0.0.9", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.9", 81, protocol: udp) == .deny)
        #expect(try cluster.action("n/p", to: "10.0.0.9", 81) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.2", 80) == .allow)
    }

    @Test("Deny all means every address, protocol and port")
    func denyAll() throws {
        let cluster = cluster(
            tier(.admin, TierPolicyRule(.egress, index: 0, action: .deny, peers: nil), accept(namespace("m"))))
        for (address, number) in [("10.0.0.2", 6), ("192.0.2.1", icmp), ("2001:db8::1", udp)] as [(String, UInt8)] {
            #expect(try cluster.action("n/p", to: address, 80, protocol: number) == .deny)
        }
    }

    @Test("Accepted traffic includes the replies to it: what may deny makes replies count")
    func replies() throws {
        #expect(
            cluster(tier(.admin, deny(namespace("m")))).compiler.subjects[key("n/p")]?.flags.contains(.isolated) == true
        )
        #expect(
            cluster(tier(.baseline, deny(namespace("m")))).compiler.subjects[key("n/p")]?.flags.contains(.isolated)
                == true)
        #expect(
            cluster(tier(.admin, accept(namespace("m")))).compiler.subjects[key("n/p")]?.flags.contains(.isolated)
                == false)
    }
}
