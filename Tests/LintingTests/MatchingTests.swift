import Linting
import PolicyCompiler
import PolicyModel
import Testing

@Suite struct MatchingTests {
    let web = pod("shop/web", "10.0.0.1", labels: ["app": "web"])
    let db = pod("shop/db", "10.0.0.2", labels: ["app": "db"])

    @Test("a peer that no pod matches is found, one that a pod matches is not")
    func peersWithoutPods() {
        let findings = found(
            .ruleNeverMatches, web, db,
            policy("shop/p", on: ["app": "web"], rule(to: pods(["app": "db"]), pods(["app": "cache"]), ports: tcp(80))))
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress[0].to[1]"])
        #expect(findings.first?.message == "there are no pods with app=cache in shop")
    }

    @Test("a rule none of whose peers matches says so")
    func wholeRules() {
        let findings = found(
            .ruleNeverMatches, web, policy("shop/p", rule(to: pods(["app": "x"]), pods(["app": "y"]))))
        #expect(findings.count == 2 && findings.allSatisfy { $0.message.contains("it matches nothing") })
    }

    @Test("a namespace that is not there is named; one with pods and no object of its own is there")
    func namespaces() {
        let findings = found(
            .ruleNeverMatches, web, namespace("empty"),
            policy("shop/p", rule(to: pods(in: "shop")), rule(to: pods(in: "shpo")), rule(to: pods(in: "empty"))))
        #expect(
            findings.places == [
                "NetworkPolicy shop/p spec.egress[1].to[0]", "NetworkPolicy shop/p spec.egress[2].to[0]",
            ])
        #expect(findings.first?.message == "no namespace matches kubernetes.io/metadata.name=shpo")
        #expect(findings.last?.message == "there are no pods in empty")
    }

    @Test("where no pod is known none is missed")
    func policiesAlone() {
        let alone = policy("shop/p", on: ["app": "web"], rule(to: pods(["app": "db"]), pods(in: "other")))
        let report = Linter(objects: [alone, namespace("shop")]).report()
        #expect(report.findings.isEmpty)
        #expect(report.skipped.contains(.noDNS) && report.skipped.contains(.selectsNothing))
    }

    @Test(
        "requirements that exclude each other are a contradiction, whatever pods there are",
        arguments: [
            ([("a", .in, ["1"]), ("a", .in, ["2"])], true), ([("a", .in, ["1"]), ("a", .notIn, ["1"])], true),
            ([("a", .exists, []), ("a", .doesNotExist, [])], true),
            ([("a", .in, ["1"]), ("a", .doesNotExist, [])], true),
            ([("a", .in, ["1", "2"]), ("a", .in, ["2"])], false),
            ([("a", .in, ["1", "2"]), ("a", .notIn, ["1"])], false),
            ([("a", .notIn, ["1"]), ("a", .doesNotExist, [])], false),
            ([("a", .exists, []), ("b", .doesNotExist, [])], false),
        ] as [([(String, LabelSelector.Requirement.Operator, [String])], Bool)])
    func contradictions(_ requirements: [(String, LabelSelector.Requirement.Operator, [String])], _ isOne: Bool) {
        let selector = LabelSelector(requirements.map { .init(key: $0.0, operator: $0.1, values: $0.2) })
        let findings = found(.ruleNeverMatches, policy("shop/p", rule(to: .pods(in: .own, selector))))
        #expect(findings.contains { $0.message.hasPrefix("no labels can be so") } == isOne)
    }

    @Test("peers on the host's network are found: no selector means them")
    func hostNetworkPeers() {
        let host = pod("shop/host", "192.168.0.1", labels: ["app": "host"], hostNetwork: true)
        let findings = found(.ruleNeverMatches, web, host, policy("shop/p", rule(to: pods(["app": "host"]))))
        #expect(findings.first?.message.contains("host's network") == true && findings.count == 1)
    }

    @Test("a block whose excepts take all of it away is found, one that keeps an address is not")
    func eatenBlocks() {
        let findings = found(
            .ruleNeverMatches,
            policy(
                "shop/p", rule(to: block("10.0.0.0/8", except: "10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/10")),
                rule(to: block("10.0.0.0/8", except: "10.0.0.0/9", "10.128.0.0/10")),
                rule(to: block("192.0.2.0/31", except: "192.0.2.0/32", "192.0.2.1/32")),
                rule(to: block("fd00::/127", except: "fd00::/128"))))
        #expect(
            findings.places == [
                "NetworkPolicy shop/p spec.egress[0].to[0]", "NetworkPolicy shop/p spec.egress[2].to[0]",
            ])
    }

    @Test("a block inside a guarded address is found: a NetworkPolicy opens none")
    func guardedBlocks() {
        let objects = [
            web, .node(Node(name: "n", addresses: [IPAddress("192.168.0.1")!])),
            policy(
                "shop/p", rule(to: block("169.254.169.254/32"), ports: tcp(80)), rule(to: block("169.254.169.254/32")),
                rule(to: block("169.254.169.254/32"), ports: udp(53)),
                rule(to: block("169.254.0.0/16"), ports: tcp(80)),
                rule(to: block("192.168.0.1/32"), ports: tcp(10250)),
                rule(to: block("192.168.0.1/32"), ports: tcp(10250), tcp(443)),
                rule(to: block("64:ff9b::a9fe:a9fe/128"), ports: tcp(80))),
        ]
        let options = CompilerOptions(guards: MetadataEndpoint.defaultGuards + [.nodePorts()])
        let findings = Linter(objects: objects, options: options).report([.ruleNeverMatches]).findings
        // The second opens something: it is a remark and comes last.
        #expect(findings.map(\.field) == [0, 4, 6, 1].map { "spec.egress[\($0)].to[0]" })
        #expect(findings.map(\.severity) == [.warning, .warning, .warning, .info])
        #expect(findings[3].message.hasSuffix("the rule opens port 53 alone"))
        // In audit mode a guard shuts nothing, and who is exempt may go there.
        var audit = options
        audit.guards = audit.guards.map {
            var row = $0; row.mode = .audit; return row
        }
        #expect(Linter(objects: objects, options: audit).report([.ruleNeverMatches]).findings.isEmpty)
        var exempt = options
        exempt.exemptions = [GuardExemption(namespace: "shop")]
        #expect(
            Linter(objects: objects, options: exempt).report([.ruleNeverMatches]).findings.map(\.field)
                == ["spec.egress[4].to[0]"])
    }

    @Test("tier Baseline for pods that NetworkPolicies isolate is a remark, and none where one pod is open")
    func baseline() {
        let policies = [tier(.baseline, "b", deny(network("10.0.0.0/8"))), policy("shop/p", on: ["app": "web"])]
        func fields(_ objects: [ClusterObject]) -> [String] {
            Linter(objects: objects + policies).report([.ruleNeverMatches]).findings.places
        }
        #expect(fields([web]) == ["ClusterNetworkPolicy b spec.egress"])
        #expect(fields([web, db]) == [])
    }

    @Test("nodes and pods of an administrators' rule that are not there are found, those that are not")
    func clusterPeers() {
        let findings = found(
            .ruleNeverMatches, web, .node(Node(name: "n", labels: ["zone": "a"])),
            tier(
                .admin, "t", accept(.nodes(LabelSelector(matchLabels: ["zone": "a"]))),
                accept(.nodes(LabelSelector(matchLabels: ["zone": "b"]))), accept(.pods(selection(["app": "web"]))),
                accept(network("10.0.0.0/8"), .pods(selection(["app": "none"])))))
        #expect(
            findings.places == [
                "ClusterNetworkPolicy t spec.egress[1].to[0]", "ClusterNetworkPolicy t spec.egress[3].to",
            ])
    }
}
