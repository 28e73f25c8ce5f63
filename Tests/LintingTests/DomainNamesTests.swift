import Linting
import PolicyCompiler
import PolicyModel
import Testing

@Suite("Domain names that open nothing")
struct DomainNamesTests {
    let web = pod("shop/web", "10.0.0.1", labels: ["app": "web"])
    let everywhere = deny(network("0.0.0.0/0"), network("::/0"))

    func names(_ patterns: String...) -> ClusterPeer { .domains(patterns.map { DomainPattern($0)! }) }

    @Test("names after a rule that decides every address are found")
    func hidden() {
        let findings = found(
            .nameOpensNothing, web, .clusterNetworkPolicy(policyOf([everywhere, accept(names("a.x", "b.x"))])))
        #expect(
            findings.count == 1 && findings.first?.message.hasPrefix("a.x, b.x open nothing: ") == true, "\(findings)")
        let ipv4 = found(
            .nameOpensNothing, web, .clusterNetworkPolicy(policyOf([deny(network("0.0.0.0/0")), accept(names("a.x"))])))
        #expect(ipv4.first?.message.hasPrefix("a.x opens nothing at IPv4 addresses") == true)
    }

    @Test("names before it, on other ports, or after a smaller network are not")
    func notHidden() {
        for rules in [
            [accept(names("a.x")), everywhere], [deny(network("10.0.0.0/8")), accept(names("a.x")), everywhere],
            [
                deny(network("0.0.0.0/0"), network("::/0"), ports: [PolicyPort(.tcp, .range(80...80))]),
                accept(names("a.x")), everywhere,
            ],
        ] {
            let findings = found(.nameOpensNothing, web, .clusterNetworkPolicy(policyOf(rules)))
            #expect(findings.isEmpty, "\(findings)")
        }
    }

    @Test("names alone keep nobody from anything")
    func open() {
        let findings = found(.nameOpensNothing, web, .clusterNetworkPolicy(policyOf([accept(names("a.x"))])))
        #expect(findings.count == 1 && findings.first?.message.contains("nothing keeps them") == true)
        let isolated = found(
            .nameOpensNothing, web, .clusterNetworkPolicy(policyOf([accept(names("a.x"))])),
            policy("shop/closed", on: [:]))
        #expect(isolated.isEmpty)
    }

    @Test("a name that a wildcard of the same rule means is told of")
    func covered() {
        let findings = found(
            .ruleRedundant, web,
            .clusterNetworkPolicy(policyOf([accept(names("*.x.y", "a.x.y"), names("x.y", "b.x.y")), everywhere])))
        #expect(findings.map(\.message).sorted() == ["*.x.y means a.x.y too", "*.x.y means b.x.y too"])
    }

    private func policyOf(_ rules: [TierPolicyRule]) -> ClusterNetworkPolicy {
        ClusterNetworkPolicy(
            name: "names", tier: .admin, priority: 1, subject: PodSelection(),
            rules: rules.enumerated().map {
                var rule = $1
                rule.place.index = $0
                return rule
            })
    }
}
