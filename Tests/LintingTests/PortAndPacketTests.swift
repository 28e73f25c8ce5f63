import Linting
import PolicyModel
import Testing

@Suite struct PortAndPacketTests {
    let http = NamedPort(name: "http", protocol: .tcp, number: 8080)

    @Test("a port name that no peer has is found, with what they do have")
    func unknownNames() {
        let findings = found(
            .namedPortUnknown, pod("shop/db", "10.0.0.1", labels: ["app": "db"], ports: [http]),
            policy("shop/p", rule(to: pods(["app": "db"]), ports: tcp(80), tcp("htpp"))))
        #expect(findings.places == ["NetworkPolicy shop/p spec.egress[0].ports[1]"])
        #expect(findings.first?.suggestion == "they have http (TCP 8080)")
    }

    @Test("a name that is there with another protocol is told so")
    func otherProtocols() {
        let dns = NamedPort(name: "dns", protocol: .udp, number: 53)
        let findings = found(
            .namedPortUnknown, pod("shop/db", "10.0.0.1", ports: [dns]),
            policy("shop/p", rule(to: pods(), ports: tcp("dns"))))
        #expect(findings.first?.suggestion == "dns is there with another protocol: write protocol: UDP")
    }

    @Test("a name that one of the peers has is not found, nor one of a rule for everywhere or a block")
    func knownNames() {
        #expect(
            found(
                .namedPortUnknown, pod("shop/a", "10.0.0.1", labels: ["app": "a"], ports: [http]),
                pod("shop/b", "10.0.0.2", labels: ["app": "b"]),
                policy(
                    "shop/p", rule(to: pods(), ports: tcp("http")), rule(ports: tcp("http")),
                    rule(to: block("10.0.0.0/8"), ports: tcp("http")))
            ).isEmpty)
    }

    @Test("the name of a peer elsewhere does not count, nor one on the host's network")
    func namesElsewhere() {
        let findings = found(
            .namedPortUnknown, pod("shop/a", "10.0.0.1", labels: ["app": "a"], ports: [http]),
            pod("shop/b", "10.0.0.2", labels: ["app": "b"]),
            pod("shop/h", "192.168.0.1", labels: ["app": "b"], ports: [http], hostNetwork: true),
            policy("shop/p", rule(to: pods(["app": "b"]), ports: tcp("http"))))
        #expect(findings.count == 1 && findings[0].message.contains("pod shop/b"))
    }

    @Test("an administrators' port name stands for every protocol")
    func clusterNames() {
        let names = TransportProtocol.allCases.map { PolicyPort($0, .named("http")) }
        let other = TransportProtocol.allCases.map { PolicyPort($0, .named("other")) }
        let findings = found(
            .namedPortUnknown, pod("shop/a", "10.0.0.1", ports: [http]),
            tier(.admin, "t", accept(.pods(selection()), ports: names), accept(.pods(selection()), ports: other)))
        #expect(findings.places == ["ClusterNetworkPolicy t spec.egress[1].protocols"])
    }

    // MARK: CAP_NET_RAW

    @Test("isolated pods that keep CAP_NET_RAW are found, once for each workload")
    func rawPackets() {
        let web = Workload(kind: "Deployment", name: "web")
        let findings = found(
            .keepsNetRaw, pod("shop/web-1", "10.0.0.1", workload: web, keepsNetRaw: true),
            pod("shop/web-2", "10.0.0.2", workload: web, keepsNetRaw: true),
            pod("shop/alone", "10.0.0.3", keepsNetRaw: true),
            policy("shop/p"))
        #expect(findings.map(\.object?.name) == ["alone", "web-1"])
        #expect(findings[1].message.hasPrefix("Deployment web keeps CAP_NET_RAW in 2 pods (for instance web-1)"))
    }

    @Test("pods that drop it, are isolated by nothing, or are on the host's network are not found")
    func otherPods() {
        #expect(
            found(
                .keepsNetRaw, pod("shop/good", "10.0.0.1", labels: ["app": "web"]),
                pod("shop/open", "10.0.0.2", labels: ["app": "open"], keepsNetRaw: true),
                pod("shop/host", "192.168.0.1", labels: ["app": "web"], hostNetwork: true, keepsNetRaw: true),
                policy("shop/p", on: ["app": "web"]), tier(.admin, "t", accept(network("10.0.0.0/8")))
            ).isEmpty)
        #expect(
            found(
                .keepsNetRaw, pod("shop/open", "10.0.0.2", keepsNetRaw: true),
                tier(.admin, "t", deny(network("10.0.0.0/8")))
            ).count == 1)
    }
}
