import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// A service's port is judged by the ways on from it, tier by tier.
@Suite struct TierServiceTests {
    static let objects = [
        pod("n/p", "10.0.0.1"), pod("m/web", "10.0.0.2"), pod("k/other", "10.0.0.3"),
        service("m/s", "10.96.0.1"), slice("m/s", of: "s", endpoint("10.0.0.2")),
        service("m/mixed", "10.96.0.2"), slice("m/mixed", of: "mixed", endpoint("10.0.0.2"), endpoint("10.0.0.3")),
    ]

    func cluster(_ objects: ClusterObject...) -> SmallCluster { SmallCluster(Self.objects + objects) }

    @Test("a rule about the endpoints speaks for the service, if it does for every one")
    func endpoints() throws {
        let denied = cluster(tier(.admin, deny(namespace("m"))))
        #expect(try denied.action("n/p", to: "10.96.0.1", 80) == .deny)
        #expect(try denied.action("n/p", to: "10.96.0.2", 80) == .deny)
        let accepted = cluster(tier(.admin, accept(namespace("m"), ports: [tcp(8080)])), policy("n/none"))
        #expect(try accepted.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try accepted.action("n/p", to: "10.96.0.2", 80) == .deny)
        #expect(try accepted.action("n/p", to: "10.96.0.1", 8080) == .deny)
        let baseline = cluster(tier(.baseline, accept(namespace("m")), deny(network("0.0.0.0/0"))))
        #expect(try baseline.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try baseline.action("n/p", to: "10.96.0.2", 80) == .deny)
    }

    @Test("networks match the address that the pod's socket sees")
    func networks() throws {
        let denied = cluster(tier(.admin, deny(network("10.96.0.0/12"))), policy("n/open", rule()))
        #expect(try denied.action("n/p", to: "10.96.0.1", 80) == .deny)
        #expect(try denied.action("n/p", to: "10.0.0.2", 8080) == .allow)
        let accepted = cluster(
            tier(.admin, accept(network("10.96.0.1/32"), ports: [tcp(80)]), deny(network("0.0.0.0/0"))))
        #expect(try accepted.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try accepted.action("n/p", to: "10.96.0.2", 80) == .deny)
        #expect(try accepted.action("n/p", to: "10.0.0.2", 8080) == .deny)
    }

    @Test("the first rule about either face of a way decides it")
    func firstOfEitherFace() throws {
        // The cluster's DNS by its pods, and nothing else: its service is among the rest by address.
        let dns = cluster(tier(.admin, accept(namespace("m")), deny(network("0.0.0.0/0"))))
        #expect(try dns.action("n/p", to: "10.96.0.1", 80) == .allow)
        let closed = cluster(tier(.admin, deny(network("10.0.0.2/32")), accept(network("10.96.0.0/12"))))
        #expect(try closed.action("n/p", to: "10.96.0.1", 80) == .deny)
    }

    @Test("accepting a service's address opens no guard behind it, accepting the guarded address does")
    func guardsBehindServices() throws {
        let handmade = [
            service("n/own", "10.96.0.9"), slice("n/own", of: "own", endpoint("169.254.169.254"), target: 80),
        ]
        var cluster = SmallCluster(
            Self.objects + handmade + [tier(.admin, accept(network("10.96.0.0/12")))])
        #expect(try cluster.action("n/p", to: "10.96.0.9", 80) == .guard)
        cluster.set(tier(.admin, on: inNamespace("n"), accept(network("169.254.169.254/32"))))
        #expect(try cluster.action("n/p", to: "10.96.0.9", 80) == .allowGuarded)
        #expect(try cluster.action("k/other", to: "10.96.0.9", 80) == .guard)
    }

    @Test("a service in front of a guarded address is guarded though its endpoints are accepted")
    func guardedFront() throws {
        let cluster = SmallCluster(
            Self.objects + [
                service("m/lure", "169.254.169.254"), slice("m/lure", of: "lure", endpoint("10.0.0.2")),
                tier(.admin, accept(namespace("m"))),
            ])
        #expect(try cluster.action("n/p", to: "169.254.169.254", 80) == .guard)
    }

    @Test("the rule and the endpoint are named")
    func causes() throws {
        let cluster = cluster(tier(.admin, deny(namespace("k"))), tier(.baseline, 2, "base", deny(namespace("m"))))
        let rule = TierRule(
            tier: .admin, policy: ObjectReference(.clusterNetworkPolicy, "", "cnp"), rule: 0, name: "", action: .deny)
        let cause = try cluster.cause("n/p", to: "10.96.0.2", 80)
        #expect(
            [
                .serviceTier(key("m/mixed"), endpoint: AddressPort("10.0.0.3:8080"), rule),
                .serviceTier(
                    key("m/mixed"), endpoint: AddressPort("10.0.0.2:8080"),
                    TierRule(
                        tier: .baseline, policy: ObjectReference(.clusterNetworkPolicy, "", "base"), rule: 0, name: "",
                        action: .deny)),
            ].contains(cause))
        #expect(try cluster.cause("n/p", to: "10.0.0.3", 80) == .tier(rule))
        #expect(
            Cause.tier(rule).reason == "denied by tier Admin: ClusterNetworkPolicy cnp, egress rule 0")
    }

    @Test("a service without ready endpoints is what its address is")
    func noEndpoints() throws {
        let cluster = cluster(
            service("m/none", "10.96.0.5"), tier(.admin, accept(network("10.96.0.5/32"))), policy("n/none"))
        #expect(try cluster.action("n/p", to: "10.96.0.5", 80) == .allow)
    }
}
