import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// A domain of one label, which the API does not take, is short.
func names(_ patterns: String...) -> ClusterPeer {
    .domains(patterns.map { DomainPattern($0) ?? .below(DomainName(String($0.dropFirst(2)))!) })
}

func tierWithPrivateAnswers(_ tier: ClusterNetworkPolicy.Tier, _ rules: TierPolicyRule...) -> ClusterObject {
    .clusterNetworkPolicy(
        ClusterNetworkPolicy(
            name: "private", tier: tier, priority: 5, subject: PodSelection(),
            rules: rules.enumerated().map {
                var rule = $1
                rule.place.index = $0
                return rule
            }, allowsPrivateAnswers: true))
}

extension SmallCluster {
    func judge(
        from pod: String = "n/p", to address: String, _ port: UInt16 = 443, as names: String...,
        protocol number: UInt8 = 6
    ) throws -> Judgement {
        let subject = try #require(compiler.subjects[key(pod)])
        return try compiler.tables.judge(
            subject.policySet, to: try #require(IPAddress(address)), protocol: number, port: port,
            names: names.map { DomainName($0)! })
    }

    func allows(
        _ port: UInt16 = 443, from pod: String = "n/p", to address: String = "203.0.113.7", as name: String
    ) throws -> Bool {
        try judge(from: pod, to: address, port, as: name).decision.action.allows
    }
}

@Suite("Domain names in the tiers")
struct NameRuleTests {
    static let pods = [pod("n/p", "10.0.0.1"), pod("m/q", "10.0.0.2")]
    static let everywhere = deny(network("0.0.0.0/0"), network("::/0"))

    @Test("a name opens what the address alone would not be")
    func opens() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(.admin, accept(names("api.example.com", "*.example.org"), ports: [tcp(443)]), Self.everywhere)
            ])
        #expect(try cluster.allows(as: "api.example.com") && cluster.allows(to: "2001:db8::7", as: "a.b.example.org"))
        for name in ["example.com", "www.api.example.com", "example.org", "badexample.org", "api.example.org.uk"] {
            #expect(try !cluster.allows(as: name), "\(name)")
        }
        #expect(try !cluster.allows(80, as: "api.example.com"))
        #expect(try cluster.judge(to: "203.0.113.7", as: "api.example.com", protocol: udp).decision.action == .deny)
        let judgement = try cluster.judge(to: "203.0.113.7", as: "other.example", "api.example.com")
        #expect(judgement.name == DomainName("api.example.com"))
        #expect(
            cluster.compiler.cause(judgement.decision.cause)?.policy
                == ObjectReference(.clusterNetworkPolicy, "", "cnp"))
        #expect(try cluster.judge(to: "203.0.113.7").decision.action == .deny)
    }

    @Test("an Admin Deny above the name wins, one below it does not, policy by policy and rule by rule")
    func placedInItsTier() throws {
        let block = deny(network("203.0.113.0/24"), ports: [tcp(443)])
        for (rules, opened) in [
            ([accept(names("a.x")), block], true), ([block, accept(names("a.x"))], false),
            ([accept(names("b.x")), block, accept(names("a.x"))], false),
            ([accept(names("b.x")), accept(names("a.x")), block, accept(names("c.x"))], true),
        ] {
            let whole = rules.enumerated().map { index, rule in tier(.admin, index, "p\(index)", rule) }
            #expect(try SmallCluster(Self.pods + whole).allows(as: "a.x") == opened)
        }
        // The Deny is for one port alone: past it a name counts that comes later.
        let cluster = SmallCluster(
            Self.pods + [tier(.admin, block, accept(names("a.x")), Self.everywhere)])
        #expect(try !cluster.allows(443, as: "a.x") && cluster.allows(80, as: "a.x"))
    }

    @Test("Pass above the name hides it, Pass below it does not")
    func pass() throws {
        let isolated = policy("n/closed", rule(to: []))
        let all = PolicyCompilerTests.pass(network("0.0.0.0/0"))
        #expect(try SmallCluster(Self.pods + [isolated, tier(.admin, accept(names("a.x")), all)]).allows(as: "a.x"))
        #expect(try !SmallCluster(Self.pods + [isolated, tier(.admin, all, accept(names("a.x")))]).allows(as: "a.x"))
    }

    @Test("an Admin name opens what NetworkPolicy isolates, and what tier Baseline denies")
    func networkPolicy() throws {
        let isolated = policy("n/closed", rule(to: [block("192.0.2.0/24")]))
        #expect(try SmallCluster(Self.pods + [isolated, tier(.admin, accept(names("a.x")))]).allows(as: "a.x"))
        let cluster = SmallCluster(
            Self.pods + [tier(.baseline, 1, "b", Self.everywhere), tier(.admin, 1, "a", accept(names("a.x")))])
        #expect(try cluster.allows(as: "a.x") && !cluster.allows(as: "b.x"))
        #expect(try cluster.allows(0, to: "203.0.113.7", as: "a.x"))
        #expect(SmallCluster(Self.pods + [isolated]).compiler.subjects[key("n/p")]?.flags.contains(.names) == false)
    }

    @Test("G: a name of tier Baseline opens nothing, even where the decoder let one through")
    func baseline() throws {
        let cluster = SmallCluster(Self.pods + [tier(.baseline, accept(names("a.x")), Self.everywhere)])
        #expect(try !cluster.allows(as: "a.x"))
        #expect(cluster.compiler.subjects[key("n/p")]?.flags.contains(.names) == false)
    }

    @Test("B6: of several policies that name a name, the first that accepts says how long it counts past its time")
    func grace() throws {
        func policy(_ name: String, _ priority: Int, _ grace: UInt16?, _ rules: TierPolicyRule...) -> ClusterObject {
            .clusterNetworkPolicy(
                ClusterNetworkPolicy(
                    name: name, tier: .admin, priority: priority, subject: PodSelection(), rules: rules,
                    nameGrace: grace))
        }
        let cluster = SmallCluster(
            Self.pods + [
                policy("a", 1, 300, accept(names("a.x"), ports: [tcp(443)])), policy("b", 2, nil, accept(names("*.x"))),
                tier(.admin, 9, "last", Self.everywhere),
            ])
        #expect(
            try cluster.judge(to: "203.0.113.7", 443, as: "a.x").decision.dnsPrecedence
                == Precedence(admin: 1, grace: 300))
        #expect(
            try cluster.judge(to: "203.0.113.7", 80, as: "a.x").decision.dnsPrecedence
                == Precedence(admin: 2, grace: Precedence.defaultGrace))
    }

    @Test("where several lists hold a name, each counts at its own place")
    func severalLists() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(
                    .admin, accept(names("*.x"), ports: [tcp(80)]),
                    deny(network("203.0.113.0/24"), ports: [tcp(443...444)]),
                    accept(names("a.x", "b.x")), Self.everywhere)
            ])
        #expect(try cluster.allows(80, as: "a.x") && cluster.allows(80, as: "c.x") && cluster.allows(81, as: "a.x"))
        #expect(try !cluster.allows(443, as: "a.x") && !cluster.allows(81, as: "c.x"))
        #expect(try cluster.allows(443, to: "203.0.114.7", as: "a.x"))
    }

    // MARK: Private answers and guards

    @Test(
        "private answers open nothing unless the policy says so",
        arguments: [
            "10.9.9.9", "127.0.0.1", "169.254.7.7", "192.168.1.1", "172.31.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
            "fd12::1",
            "fe80::1", "::1", "64:ff9b::a00:1", "2002:a00:1::1", "64:ff9b:1::1", "4000::1", "::2:0:0:0",
        ])
    func privateAnswers(address: String) throws {
        let rules = [accept(names("a.x")), Self.everywhere]
        #expect(try !SmallCluster(Self.pods + [tier(.admin, rules[0], rules[1])]).allows(to: address, as: "a.x"))
        let willing = SmallCluster(Self.pods + [tierWithPrivateAnswers(.admin, rules[0], rules[1])])
        #expect(try willing.allows(to: address, as: "a.x"))
        #expect(try !willing.allows(to: address, as: "b.x"))
    }

    @Test(
        "documentation's and public addresses are no private answers",
        arguments: [
            "203.0.113.7", "8.8.8.8", "172.32.0.1", "100.128.0.1", "11.0.0.0", "2001:db8::1", "2606:4700::1111",
            "64:ff9b::808:808",
            "2002:808:808::1", "198.17.255.255", "223.255.255.255",
        ])
    func publicAnswers(address: String) throws {
        #expect(
            try SmallCluster(Self.pods + [tier(.admin, accept(names("a.x")), Self.everywhere)]).allows(
                to: address, as: "a.x"))
    }

    @Test("a name opens a guard only from tier Admin, with private answers allowed, and it is told of")
    func guards() throws {
        let imds = "169.254.169.254"
        let rules = [accept(names("metadata.google.internal"), ports: [tcp(80)]), Self.everywhere]
        func action(_ objects: ClusterObject..., port: UInt16 = 80) throws -> Action {
            try SmallCluster(Self.pods + objects).judge(to: imds, port, as: "metadata.google.internal").decision.action
        }
        #expect(try action(tier(.admin, rules[0], rules[1])) == .guard)
        #expect(try action(tierWithPrivateAnswers(.admin, rules[0], rules[1])) == .allowGuarded)
        #expect(try action(tierWithPrivateAnswers(.admin, rules[0], rules[1]), port: 81) == .guard)
        #expect(try action(tierWithPrivateAnswers(.admin, rules[0])) == .allowGuarded)
        #expect(try action(tierWithPrivateAnswers(.admin, rules[1], rules[0])) == .guard)
        #expect(try action(tierWithPrivateAnswers(.baseline, rules[0])) == .guard)
    }

    @Test("a guarded address is no public answer, wherever it lies")
    func publicGuard() throws {
        var options = CompilerOptions()
        options.guards.append(.nodePorts())
        let objects = Self.pods + [node("a", "203.0.113.9")]
        let rules = [accept(names("a.x")), Self.everywhere]
        let plain = SmallCluster(objects + [tier(.admin, rules[0], rules[1])], options: options)
        #expect(
            try !plain.allows(10250, to: "203.0.113.9", as: "a.x") && plain.allows(443, to: "203.0.113.9", as: "a.x"))
        let willing = SmallCluster(objects + [tierWithPrivateAnswers(.admin, rules[0], rules[1])], options: options)
        #expect(try willing.judge(to: "203.0.113.9", 10250, as: "a.x").decision.action == .allowGuarded)
    }

    @Test("only the policy that says so opens private answers")
    func privateAnswersOfOnePolicy() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(.admin, 1, "plain", accept(names("*.x"))), tierWithPrivateAnswers(.admin, accept(names("a.x"))),
                tier(.admin, 9, "last", Self.everywhere),
            ])
        #expect(try cluster.allows(to: "10.9.9.9", as: "a.x") && !cluster.allows(to: "10.9.9.9", as: "b.x"))
        #expect(try cluster.allows(as: "b.x"))
    }

    @Test("no name leads to a service's port: what is behind it is another address")
    func services() throws {
        let cluster = SmallCluster(
            Self.pods + [
                service("n/s", "203.0.113.7"), slice("n/s1", of: "s", endpoint("10.0.0.2")),
                tierWithPrivateAnswers(.admin, accept(names("a.x")), Self.everywhere),
            ])
        #expect(try !cluster.allows(80, to: "203.0.113.7", as: "a.x"))
        #expect(
            try cluster.allows(81, to: "203.0.113.7", as: "a.x") && cluster.allows(80, to: "203.0.113.8", as: "a.x"))
    }
}
