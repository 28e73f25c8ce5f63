import Linting
import PolicyModel
import Testing

@Suite struct RedundancyTests {
    /// The places that are found among rules of one policy.
    private func places(_ rules: PolicyRule..., beside objects: [ClusterObject] = []) -> [String] {
        Linter(objects: objects + [policy("shop/p", LabelSelector(), rules)]).report([.ruleRedundant]).findings.map(
            \.field)
    }

    @Test(
        "a rule that another one of its policy covers is found",
        arguments: [
            (rule(to: pods(["app": "db"]), ports: tcp(80)), rule(to: pods(["app": "db"]))),
            (
                rule(to: pods(["app": "db", "tier": "x"]), ports: tcp(80)),
                rule(to: pods(["app": "db"]), ports: tcp(1...100))
            ),
            (rule(to: pods(["app": "db"])), rule()),
            (rule(to: pods(["app": "db"])), rule(to: podsAnywhere())),
            (
                rule(to: block("10.1.0.0/16"), ports: tcp(80)),
                rule(to: block("10.0.0.0/8"), ports: tcp(0...79), tcp(80...90))
            ),
            (
                rule(to: block("10.1.0.0/16", except: "10.1.2.0/23")),
                rule(to: block("10.0.0.0/8", except: "10.1.2.0/24"))
            ),
            (rule(to: pods(), ports: tcp("http")), rule(to: pods(), ports: PolicyPort(.tcp, .any))),
            (rule(to: block("10.0.0.0/8"), ports: tcp(80)), rule(ports: tcp(80))),
        ])
    func covered(_ narrow: PolicyRule, _ wide: PolicyRule) {
        #expect(places(narrow, wide) == ["spec.egress[0]"])
        #expect(places(wide, narrow) == ["spec.egress[1]"])
    }

    @Test(
        "a rule that another one nearly covers is not found",
        arguments: [
            (rule(to: pods(["app": "db"])), rule(to: pods(["app": "db"]), ports: tcp(80))),
            (rule(to: pods(["app": "db"])), rule(to: pods(["app": "db", "tier": "x"]))),
            (rule(to: pods(["app": "db"])), rule(to: pods(["app": "db"], in: "other"))),
            (rule(to: podsAnywhere()), rule(to: pods())),
            (rule(to: block("10.1.0.0/16")), rule(to: block("10.0.0.0/8", except: "10.1.2.0/24"))),
            (rule(to: block("10.1.0.0/16")), rule(to: block("::/0"))),
            (rule(to: block("10.1.0.0/16")), rule(to: podsAnywhere())),
            (rule(to: pods(), ports: tcp("http")), rule(to: pods(), ports: tcp(0...65535))),
            (rule(to: pods(), ports: udp(80)), rule(to: pods(), ports: tcp(80))),
            (rule(to: pods(), ports: tcp(80...90)), rule(to: pods(), ports: tcp(80...84), tcp(86...90))),
        ])
    func nearlyCovered(_ narrow: PolicyRule, _ wide: PolicyRule) {
        #expect(!places(narrow, wide).contains("spec.egress[0]"))
        #expect(!places(wide, narrow).contains("spec.egress[1]"))
    }

    @Test("of two rules that say the same, the later is found and the earlier stays")
    func equals() {
        let same = rule(to: pods(["app": "db"]), ports: tcp(80))
        #expect(places(same, same, same) == ["spec.egress[1]", "spec.egress[2]"])
        #expect(places(rule(to: pods(in: "shop")), rule(to: pods())) == ["spec.egress[1]"])
    }

    @Test("a peer that another peer of the rule covers is found by itself")
    func peers() {
        #expect(places(rule(to: pods(), pods(["app": "db"]))) == ["spec.egress[0].to[1]"])
        #expect(places(rule(to: pods(), block("10.0.0.0/8"))) == [])
    }

    @Test("a rule of another policy counts only if that selects at least the same pods")
    func otherPolicies() {
        let narrow = rule(to: pods(["app": "db"]))
        func findings(_ wide: ClusterObject) -> [Finding] {
            found(.ruleRedundant, policy("shop/z", on: ["app": "web", "tier": "x"], narrow), wide)
        }
        #expect(
            findings(policy("shop/a", on: ["app": "web"], rule(to: pods()))).places == [
                "NetworkPolicy shop/z spec.egress[0]"
            ])
        #expect(findings(policy("shop/a", on: ["app": "web"], rule(to: pods()))).first?.severity == .info)
        #expect(findings(policy("shop/a", rule())).first?.severity == .warning)
        #expect(findings(policy("shop/a", on: ["app": "api"], rule(to: pods()))).isEmpty)
        #expect(findings(policy("other/a", rule(to: pods()))).isEmpty)
        #expect(findings(policy("shop/a", isolates: false, rule(to: pods()))).isEmpty)
    }

    /// Blocks name services by their own address and port; see docs/lint.md.
    @Test("where a service's address lies in the block, a rule by ports or with holes elsewhere does not cover it")
    func services() {
        let behind = [service("shop/api", "10.96.0.1", port: 443)]
        #expect(places(rule(to: block("10.96.0.0/16"), ports: tcp(443)), rule(ports: tcp(443)), beside: behind) == [])
        #expect(
            places(rule(to: block("10.97.0.0/16"), ports: tcp(443)), rule(ports: tcp(443)), beside: behind) == [
                "spec.egress[0]"
            ])
        let wide = rule(to: block("0.0.0.0/0", except: "192.168.0.0/16"))
        #expect(places(rule(to: block("10.96.0.0/16")), wide, beside: behind) == [])
        #expect(places(rule(to: block("10.97.0.0/16")), wide, beside: behind) == ["spec.egress[0]"])
    }
}
