import Linting
import PolicyModel
import Testing

@Suite struct PartlyDeniedTests {
    let cluster: [ClusterObject] = [
        pod("shop/web", "10.0.0.1", labels: ["app": "web"]),
        pod("shop/new", "10.0.0.2", labels: ["app": "api", "track": "new"]),
        pod("shop/old", "10.0.0.3", labels: ["app": "api", "track": "old"]), service("shop/api", "10.96.0.1"),
        slice(of: "shop/api", "10.0.0.2", "10.0.0.3"),
    ]

    private func findings(_ objects: ClusterObject...) -> [Finding] {
        Linter(objects: cluster + objects).report([.servicePartlyDenied]).findings
    }

    @Test("a service one of whose endpoints is denied is found, with that endpoint and the policies")
    func partly() {
        let found = findings(policy("shop/p", on: ["app": "web"], rule(to: pods(["track": "new"]))))
        #expect(found.places == ["Service shop/api spec.ports"])
        #expect(
            found.first?.message.hasPrefix(
                "port 80/TCP is denied to pod shop/web: endpoint 10.0.0.3:80 (pod shop/old) is not allowed") == true)
        #expect(found.first?.message.hasSuffix("policies: NetworkPolicy shop/p") == true)
    }

    @Test("blocks tell endpoints apart as selectors do")
    func byBlock() {
        #expect(findings(policy("shop/p", on: ["app": "web"], rule(to: block("10.0.0.2/32")))).count == 1)
        #expect(findings(tier(.admin, "t", on: selection(["app": "web"]), deny(network("10.0.0.2/32")))).count == 1)
    }

    @Test(
        "a service that is allowed or denied as a whole is not found",
        arguments: [
            rule(to: pods(["app": "api"])), rule(to: pods(["app": "none"])), rule(to: block("10.96.0.1/32")),
            rule(to: pods(["track": "new"]), block("10.96.0.1/32")), rule(), rule(to: pods(), ports: tcp(81)),
        ])
    func wholly(_ rule: PolicyRule) {
        #expect(findings(policy("shop/p", on: ["app": "web"], rule)).isEmpty)
    }

    @Test("labels that no selector names do not tell endpoints apart, and open pods are denied nothing")
    func alike() {
        #expect(findings().isEmpty)
        #expect(findings(policy("shop/p", on: ["app": "api"], rule(to: pods(["app": "api"])))).isEmpty)
    }
}
