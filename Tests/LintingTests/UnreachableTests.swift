import Linting
import PolicyModel
import Testing

@Suite struct UnreachableTests {
    @Test("a rule after one that covers it is found, in one policy and over two")
    func coveredRules() {
        let findings = found(
            .ruleNeverMatches,
            tier(
                .admin, "first", priority: 1, deny(network("10.0.0.0/8")),
                accept(network("10.1.0.0/16"), ports: [tcp(80)])),
            tier(.admin, "second", priority: 2, on: selection(in: "shop"), accept(network("10.2.0.0/16"))))
        #expect(
            findings.places == [
                "ClusterNetworkPolicy first spec.egress[1]", "ClusterNetworkPolicy second spec.egress[0]",
            ])
        #expect(
            findings[0].message == "the rule is never asked: spec.egress[0].to[0] is asked first and covers all of it")
        #expect(findings[1].message.contains("ClusterNetworkPolicy first, spec.egress[0].to[0]"))
    }

    @Test("a rule is not found if what is before it is about less: addresses, ports, pods, or a later place")
    func rulesThatAreAsked() {
        #expect(
            found(
                .ruleNeverMatches,
                tier(
                    .admin, "addresses", priority: 1, on: selection(in: "a"), accept(network("10.1.0.0/16")),
                    deny(network("10.0.0.0/8"))),
                tier(
                    .admin, "ports", priority: 2, on: selection(in: "b"),
                    accept(network("10.0.0.0/8"), ports: [tcp(80)]), deny(network("10.0.0.0/8"))),
                tier(.admin, "pods", priority: 3, on: selection(["app": "x"], in: "c"), deny(network("10.0.0.0/8"))),
                tier(.admin, "more", priority: 4, on: selection(in: "c"), deny(network("10.0.0.0/8")))
            ).isEmpty)
    }

    @Test("of a rule with several peers the covered one is found alone")
    func onePeer() {
        let findings = found(
            .ruleNeverMatches,
            tier(.admin, "t", deny(network("10.0.0.0/8")), accept(network("192.0.2.0/24"), network("10.1.0.0/16"))))
        #expect(findings.places == ["ClusterNetworkPolicy t spec.egress[1].to"])
        #expect(findings[0].message.hasPrefix("the peer is never asked"))
    }

    @Test("what tier Admin denies no NetworkPolicy allows, unless a Pass comes before")
    func acrossTiers() {
        let allowing = policy("shop/p", rule(to: block("10.1.0.0/16")))
        let denial = tier(.admin, "closed", priority: 5, deny(network("10.0.0.0/8")))
        let findings = found(.ruleNeverMatches, denial, allowing)
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress[0]"])
        #expect(findings.first?.message.hasPrefix("the rule decides nothing") == true)
        #expect(
            found(.ruleNeverMatches, denial, allowing, tier(.admin, "pass", priority: 1, pass(network("10.1.2.0/24"))))
                .isEmpty)
        // What it accepts, a NetworkPolicy may say too.
        #expect(found(.ruleNeverMatches, tier(.admin, "open", accept(network("10.0.0.0/8"))), allowing).isEmpty)
        // Tier Baseline is asked after both.
        #expect(
            found(
                .ruleNeverMatches, tier(.admin, "open", accept(network("10.0.0.0/8"))),
                tier(.baseline, "b", deny(network("10.1.0.0/16")))
            ).places
                == ["ClusterNetworkPolicy b spec.egress[0]"])
    }
}
