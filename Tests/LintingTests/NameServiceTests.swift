import Linting
import PolicyCompiler
import PolicyModel
import Testing

@Suite struct NameServiceTests {
    static let labels = ["k8s-app": "kube-dns"]
    static let dns: [ClusterObject] = [
        namespace("kube-system"), pod("kube-system/coredns-1", "10.0.9.1", labels: labels),
        pod("kube-system/coredns-2", "10.0.9.2", labels: labels),
        service("kube-system/kube-dns", "10.96.0.10", port: 53, protocols: [.udp, .tcp], selector: labels),
        slice(of: "kube-system/kube-dns", "10.0.9.1", "10.0.9.2", port: 53, protocols: [.udp, .tcp]),
    ]
    let web = pod("shop/web", "10.0.0.1", labels: ["app": "web"])
    static let peer = pods(labels, in: "kube-system")

    private func findings(_ objects: ClusterObject..., dns: [ClusterObject] = dns) -> [Finding] {
        Linter(objects: dns + objects).report([.noDNS]).findings
    }

    @Test("isolated pods without a way to the cluster's DNS are one finding, with the rule to add")
    func noWay() {
        let findings = findings(
            web, pod("shop/web-2", "10.0.0.2", labels: ["app": "web"]),
            policy("shop/p", rule(to: pods(), ports: tcp(80))))
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress"])
        #expect(findings.first?.severity == .warning)
        #expect(
            findings.first?.message.hasPrefix(
                "2 pods (for instance shop/web) cannot ask the cluster's DNS (service kube-system/kube-dns, port 53) at all"
            ) == true)
        #expect(
            findings.first?.suggestion.contains(
                "kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]"
            ) == true)
    }

    @Test(
        "a rule for both protocols is enough; by pods, by the service's address, or by everything",
        arguments: [
            rule(to: peer, ports: udp(53), tcp(53)), rule(to: peer), rule(),
            rule(to: block("10.96.0.10/32")), rule(ports: udp(53), tcp(53)),
        ])
    func ways(_ rule: PolicyRule) {
        #expect(findings(web, policy("shop/p", rule)).isEmpty)
    }

    @Test("a rule for UDP alone misses TCP, by which long answers come")
    func overUDPAlone() {
        let found = findings(web, policy("shop/p", rule(to: Self.peer, ports: udp(53))))
        #expect(found.count == 1 && found[0].message.contains("over TCP, by which long answers come"))
        #expect(found[0].suggestion.contains("ports: [{port: 53, protocol: TCP}]"))
        let reverse = findings(web, policy("shop/p", rule(to: Self.peer, ports: tcp(53))))
        #expect(reverse.count == 1 && reverse[0].message.contains("(service kube-system/kube-dns, port 53) over UDP"))
    }

    @Test("a way to one of the DNS pods alone is none")
    func halfAWay() {
        let found = findings(web, policy("shop/p", rule(to: block("10.0.9.1/32"))))
        #expect(found.count == 1 && found[0].message.contains("10.0.9.2:53"))
    }

    @Test("pods that may connect nowhere are a remark, and so are those of the node-local cache")
    func remarks() {
        let shut = findings(web, policy("shop/p"))
        #expect(shut.map(\.severity) == [.info])
        let local = findings(web, policy("shop/p", rule(to: block("169.254.20.10/32"))))
        #expect(
            local.map(\.severity) == [.info]
                && local[0].message.contains("node-local cache at 169.254.20.10 may be asked"))
    }

    @Test("open pods, pods on the host's network and the DNS pods themselves are not found")
    func othersAreNot() {
        #expect(findings(web).isEmpty)
        #expect(findings(pod("shop/host", "192.168.0.1", hostNetwork: true), policy("shop/p")).isEmpty)
        #expect(findings(policy("kube-system/p", on: Self.labels)).isEmpty)
    }

    @Test("a denial of tier Admin is found under the policy that denies")
    func deniedByAdmin() {
        let found = findings(web, tier(.admin, "closed", deny(network("10.96.0.0/12"))), policy("shop/open", rule()))
        #expect(found.places == ["ClusterNetworkPolicy closed spec.egress"])
    }

    @Test("groups of pods with other policies are findings of their own")
    func groups() {
        let found = findings(
            web, pod("shop/db", "10.0.0.2", labels: ["app": "db"]),
            policy("shop/web", on: ["app": "web"], rule(to: pods())),
            policy("shop/db", on: ["app": "db"], rule(to: pods())))
        #expect(found.places == ["NetworkPolicy shop/db spec.egress", "NetworkPolicy shop/web spec.egress"])
    }

    @Test("without a service the pods that bear the label count; without either nothing is said")
    func withoutService() {
        let pods = [namespace("kube-system"), pod("kube-system/coredns-1", "10.0.9.1", labels: Self.labels)]
        #expect(findings(web, policy("shop/p", rule(to: block("10.1.0.0/16"))), dns: pods).count == 1)
        #expect(findings(web, policy("shop/p", rule(to: block("10.0.9.1/32"))), dns: pods).isEmpty)
        #expect(findings(web, policy("shop/p", rule(to: block("10.1.0.0/16"))), dns: []).isEmpty)
    }
}
