import Linting
import PolicyCompiler
import PolicyModel
import Testing

/// Usual mistakes that nothing else tells of.
@Suite struct SilenceTests {
    let web = pod("shop/web", "10.0.0.1", labels: ["app": "web"])

    func names(_ patterns: String..., private allowed: Bool = false) -> ClusterObject {
        .clusterNetworkPolicy(
            ClusterNetworkPolicy(
                name: "names", tier: .admin, priority: 1, subject: PodSelection(),
                rules: [
                    TierPolicyRule(
                        .egress, index: 0, action: .accept, peers: [.domains(patterns.map { DomainPattern($0)! })],
                        ports: nil)
                ], allowsPrivateAnswers: allowed))
    }

    // MARK: policyTypes

    @Test("G: egress rules beside policyTypes without Egress are found")
    func egressNotApplied() {
        let findings = found(.egressNotApplied, policy("shop/p", isolates: false, rule(to: block("10.1.0.0/16"))))
        #expect(findings.places == ["NetworkPolicy shop/p spec.policyTypes"])
        #expect(findings.first?.message.contains("the egress rule is ignored") == true)
        #expect(found(.egressNotApplied, policy("shop/p", isolates: false), policy("shop/q", rule())).isEmpty)
    }

    // MARK: Names

    @Test(
        "G: names of the cluster's own domain without the annotation are found",
        arguments: [
            "*.svc.cluster.local", "db.shop.svc.cluster.local", "*.cluster.local", "api.shop.svc.corp.example",
        ])
    func clusterNames(_ name: String) {
        let findings = found(.clusterNamePrivate, service("shop/api", "10.96.0.2"), names("a.example.com", name))
        #expect(findings.places == ["ClusterNetworkPolicy names spec.egress[0].to[0]"])
        #expect(findings.first?.message.hasPrefix("\(name): ") == true)
        #expect(found(.clusterNamePrivate, service("shop/api", "10.96.0.2"), names(name, private: true)).isEmpty)
    }

    @Test(
        "G: names of others are not, though they look alike",
        arguments: [
            "api.svc.example.com", "cluster.local.example.com", "none.shop.svc.corp.example", "*.example.com",
        ])
    func otherNames(_ name: String) {
        #expect(found(.clusterNamePrivate, service("shop/api", "10.96.0.2"), names(name)).isEmpty)
    }

    private func asking(_ servers: String..., labels: Labels = [:]) -> ClusterObject {
        pod("shop/web", "10.0.0.1", labels: labels, names: servers.map { .nameserver(IPAddress($0)!) })
    }

    @Test("G: dnsConfig with a resolver that no node trusts is found under a policy of names")
    func nameservers() {
        let findings = found(.nameFromElsewhere, asking("10.96.0.10", "192.0.2.53"), names("a.example.com"))
        #expect(findings.places == ["Pod shop/web spec.dnsConfig.nameservers"])
        // Without the service nothing says that 10.96.0.10 is the cluster's.
        #expect(findings.first?.message.contains("10.96.0.10, 192.0.2.53") == true)
        let known = found(
            .nameFromElsewhere, [asking("10.96.0.10", "192.0.2.53"), names("a.example.com")] + NameServiceTests.dns)
        #expect(known.first?.message.contains("may ask 192.0.2.53, ") == true, "\(known)")
    }

    @Test("G: the cluster's resolvers, the node-local one and the configuration's are not, nor are pods without names")
    func trustedNameservers() {
        let objects =
            [asking("10.96.0.10", "10.0.9.1", "169.254.20.10"), names("a.example.com")] + NameServiceTests.dns
        #expect(found(.nameFromElsewhere, objects).isEmpty)
        #expect(found(.nameFromElsewhere, asking("192.0.2.53"), policy("shop/p", rule())).isEmpty)
        let configured = Linter(
            objects: [asking("192.0.2.53"), names("a.example.com")],
            resolvers: Resolvers(addresses: [IPAddress("192.0.2.53")!]))
        #expect(configured.report([.nameFromElsewhere]).findings.isEmpty)
    }

    @Test("G: hostAliases for a name that a rule means are found, for other names not")
    func aliases() {
        let aliased = pod("shop/web", "10.0.0.1", names: [.alias(DomainName("api.example.com")!)])
        let findings = found(.nameFromElsewhere, aliased, names("*.example.com"))
        #expect(findings.places == ["Pod shop/web spec.hostAliases"])
        #expect(findings.first?.message.contains("the address of api.example.com from hostAliases") == true)
        #expect(found(.nameFromElsewhere, aliased, names("www.example.org")).isEmpty)
    }

    // MARK: Ports

    /// A service whose port 80 leads to its pods' 8080.
    private func shop(_ rules: PolicyRule...) -> [ClusterObject] {
        let http = NamedPort(name: "http", protocol: .tcp, number: 8080)
        return [
            web, pod("shop/api", "10.0.0.2", labels: ["app": "api"], ports: [http]),
            service("shop/api", "10.96.0.2", port: 80, target: .named("http"), selector: ["app": "api"]),
            .endpointSlice(
                EndpointSlice(
                    key: key("shop/api-1"), serviceName: "api",
                    ports: [EndpointSlice.Port(name: "TCP", protocol: .tcp, number: 8080)],
                    endpoints: [EndpointSlice.Endpoint(addresses: [IPAddress("10.0.0.2")!])])),
            policy("shop/p", LabelSelector(matchLabels: ["app": "web"]), isolates: true, rules),
        ]
    }

    @Test("G: a service's port in a rule about its pods is found, with the port that counts")
    func servicePort() {
        let findings = found(.servicePortInRule, shop(rule(to: pods(["app": "api"]), ports: tcp(443), tcp(80))))
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress[0].ports[1]"])
        #expect(
            findings.first?.message.contains("80/TCP is the port of service shop/api, which leads to port 8080") == true
        )
        #expect(findings.first?.suggestion == "write port 8080, or its name http")
    }

    @Test(
        "G: the pods' port, its name, a range with it, and other ways to the service are not",
        arguments: [
            [rule(to: pods(["app": "api"]), ports: tcp(8080))],
            [rule(to: pods(["app": "api"]), ports: tcp("http"), tcp(80))],
            [rule(to: pods(["app": "api"]), ports: tcp(80), tcp(8000...8100))], [rule(to: pods(["app": "api"]))],
            [rule(to: pods(["app": "api"]), ports: tcp(80)), rule(to: pods(["app": "api"]))],
            [rule(to: pods(["app": "api"]), ports: tcp(80)), rule(to: block("10.96.0.2/32"))],
            [rule(to: pods(["app": "db"]), ports: tcp(80))],
        ])
    func podPort(_ rules: [PolicyRule]) {
        var objects = shop()
        objects[4] = policy("shop/p", LabelSelector(matchLabels: ["app": "web"]), isolates: true, rules)
        let findings = found(.servicePortInRule, objects)
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("G: a denial by the service's port denies nothing, and is found")
    func deniedServicePort() {
        let api = ClusterPeer.pods(selection(["app": "api"], in: "shop"))
        var objects = shop()
        objects[4] = tier(.admin, "no-api", deny(api, ports: [tcp(80)]))
        let findings = found(.servicePortInRule, objects)
        #expect(findings.places == ["ClusterNetworkPolicy no-api spec.egress[0].protocols"])
        #expect(findings.first?.message.contains("may use the service all the same") == true)
        objects[4] = tier(.admin, "no-api", deny(api, ports: [tcp(8080)]))
        #expect(found(.servicePortInRule, objects).isEmpty)
    }

    @Test("G: a policy that allows port 53 to OpenShift's DNS pods, which listen on 5353, is found by no-dns")
    func openShift() {
        let labels = ["dns.operator.openshift.io/daemonset-dns": "default"]
        let slice = EndpointSlice(
            key: key("openshift-dns/dns-default-1"), serviceName: "dns-default",
            ports: [TransportProtocol.udp, .tcp].map { EndpointSlice.Port(name: $0.name, protocol: $0, number: 5353) },
            endpoints: [EndpointSlice.Endpoint(addresses: [IPAddress("10.0.9.1")!])])
        let dns: [ClusterObject] = [
            pod("openshift-dns/dns-default-x", "10.0.9.1", labels: labels),
            service(
                "openshift-dns/dns-default", "172.30.0.10", port: 53, target: .number(5353), protocols: [.udp, .tcp],
                selector: labels),
            .endpointSlice(slice), web,
        ]
        let peer = pods(labels, in: "openshift-dns")
        let findings = found(.noDNS, dns + [policy("shop/p", rule(to: peer, ports: udp(53), tcp(53)))])
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress"])
        #expect(findings.first?.message.contains("its port 53 leads to port 5353 of its pods") == true, "\(findings)")
        #expect(findings.first?.suggestion.contains("kubernetes.io/metadata.name: openshift-dns") == true)
        #expect(
            findings.first?.suggestion.hasSuffix("ports: [{port: 5353, protocol: UDP}, {port: 5353, protocol: TCP}]}")
                == true)
        #expect(found(.noDNS, dns + [policy("shop/p", rule(to: peer, ports: udp(5353), tcp(5353)))]).isEmpty)
    }

    // MARK: Labels

    @Test("G: labels of sluice.dev with values or on objects where they mean nothing are found")
    func labels() {
        let findings = found(
            .labelNotUnderstood,
            namespace(
                "shop",
                ["sluice.dev/fail-fast": "no", "sluice.dev/enforcement": "Audit", "sluice.dev/failfast": "false"]),
            pod("shop/a", "10.0.0.2", labels: ["sluice.dev/fail-fast": "false"]))
        #expect(
            findings.places == [
                "Namespace shop metadata.labels[sluice.dev/enforcement]",
                "Namespace shop metadata.labels[sluice.dev/fail-fast]",
                "Namespace shop metadata.labels[sluice.dev/failfast]",
                "Pod shop/a metadata.labels[sluice.dev/fail-fast]",
            ])
        #expect(findings.map(\.suggestion)[1] == "write \"false\", or remove the label")
        #expect(
            found(
                .labelNotUnderstood,
                namespace("shop", ["sluice.dev/fail-fast": "false", "sluice.dev/enforcement": "audit", "team": "a"]),
                namespace("other", ["sluice.dev/fail-fast": "true"]), pod("shop/a", "10.0.0.2", labels: ["app": "a"])
            ).isEmpty)
    }

    /// What a check finds.
    private func found(_ check: Check, _ objects: [ClusterObject]) -> [Finding] {
        Linter(objects: objects).report([check]).findings
    }

    private func found(_ check: Check, _ objects: ClusterObject...) -> [Finding] { found(check, objects) }
}
