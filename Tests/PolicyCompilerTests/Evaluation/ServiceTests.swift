import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// What a service's address means, by docs/design/data-walk.md, "Tiers and guards".
@Suite struct ServiceTests {
    static let base = [
        pod("n/p", "10.0.0.1", labels: ["app": "p"]), pod("n/a", "10.0.0.2", "fd00::2", labels: ["app": "web"]),
        pod("n/b", "10.0.0.3", "fd00::3", labels: ["app": "db"]),
    ]
    static let toWeb = policy("n/p", on: ["app": "p"], rule(to: [pods(["app": "web"])], ports: [tcp(8080)]))

    @Test("every ready endpoint must be allowed on its target port")
    func everyReadyEndpointMustBeAllowedOnItsTargetPort() throws {
        var cluster = SmallCluster(
            Self.base + [Self.toWeb, service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.2"))])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 8080) == .deny)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80, protocol: udp) == .deny)
        cluster.set(slice("n/s", of: "s", endpoint("10.0.0.2"), endpoint("10.0.0.3")))
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
        cluster.set(slice("n/s", of: "s", endpoint("10.0.0.2"), endpoint("10.0.0.3", ready: false)))
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        cluster.set(slice("n/s", of: "s", endpoint("10.0.0.2"), target: 8081))
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
    }

    @Test("an endpoint that changes what it is changes the service")
    func anEndpointThatChangesWhatItIsChangesTheService() throws {
        var cluster = SmallCluster(
            Self.base + [Self.toWeb, service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.2"))])
        cluster.set(pod("n/a", "10.0.0.2", labels: ["app": "db"]))
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
        cluster.set(pod("n/a", "10.0.0.2", labels: ["app": "web"]))
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        cluster.remove(Self.base[1])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
    }

    @Test("without ready endpoints only allow all allows") func withoutReadyEndpointsOnlyAllowAllAllows() throws {
        let objects = [
            pod("n/p", "10.0.0.1"), pod("m/p", "10.0.0.4"), pod("free/p", "10.0.0.5"),
            service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.2", ready: false)),
            policy("n/ports", rule(ports: TransportProtocol.allCases.map { PolicyPort($0, .any) })),
            policy("m/all", rule()),
        ]
        let cluster = SmallCluster(objects)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
        #expect(try cluster.action("n/p", to: "10.96.0.1", 81) == .allow)
        #expect(try cluster.action("m/p", to: "10.96.0.1", 80) == .allow)
        #expect(try cluster.action("free/p", to: "10.96.0.1", 80) == .allow)
    }

    @Test("endpoints that serve while terminating stand in for ready ones")
    func endpointsThatServeWhileTerminatingStandInForReadyOnes() throws {
        let cluster = SmallCluster(
            Self.base + [
                Self.toWeb, service("n/s", "10.96.0.1"),
                slice("n/s", of: "s", endpoint("10.0.0.2", ready: false, serving: true)),
            ])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
    }

    @Test("translation stays within the family") func translationStaysWithinTheFamily() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), service("n/s", "10.96.0.1", "fd00:96::1"),
            slice("n/s4", of: "s", endpoint("10.0.0.2")), slice("n/s6", of: "s", endpoint("fd00::2")),
            policy("n/p", rule(to: [block("10.0.0.0/24")])),
        ])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "fd00:96::1", 80) == .deny)
    }

    @Test("two services on one address and port must both be allowed")
    func twoServicesOnOneAddressAndPortMustBothBeAllowed() throws {
        // An external IP is free to claim: the first by name must not speak for both.
        let cluster = SmallCluster(
            Self.base + [
                Self.toWeb,
                service("n/a-good", "192.0.2.9"), slice("n/a-good", of: "a-good", endpoint("10.0.0.2")),
                service("n/z-bad", "192.0.2.9"), slice("n/z-bad", of: "z-bad", endpoint("10.0.0.3")),
            ])
        #expect(try cluster.action("n/p", to: "192.0.2.9", 80) == .deny)
        #expect(
            try cluster.cause("n/p", to: "192.0.2.9", 80)
                == .serviceDenied(key("n/z-bad"), endpoint: AddressPort("10.0.0.3:8080")))
    }

    @Test("a block that excepts an endpoint does not speak for the service")
    func aBlockThatExceptsAnEndpointDoesNotSpeakForTheService() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("m/p", "10.0.0.4"), service("n/s", "10.96.0.1"),
            slice("n/s", of: "s", endpoint("10.0.0.2")),
            policy("n/p", rule(to: [block("10.0.0.0/8", except: "10.0.0.2/32")])),
            policy("m/p", rule(to: [block("10.0.0.0/8", except: "10.0.0.3/32")])),
        ])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .deny)
        #expect(try cluster.action("m/p", to: "10.96.0.1", 80) == .allow)
    }

    @Test("a hand made slice is no way round a guard") func aHandMadeSliceIsNoWayRoundAGuard() throws {
        let cluster = SmallCluster([
            pod("n/free", "10.0.0.1"), pod("m/open", "10.0.0.2"),
            policy("m/open", rule(), rule(1, to: [block("0.0.0.0/0")])),
            service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.9"), endpoint("169.254.169.254")),
            service("n/dns", "10.96.0.2"), slice("n/dns", of: "dns", endpoint("169.254.169.254"), target: 53),
        ])
        for pod in ["n/free", "m/open"] {
            #expect(try cluster.action(pod, to: "10.96.0.1", 80) == .guard)
            #expect(try cluster.action(pod, to: "10.96.0.1", 81) == .allow)
            #expect(try cluster.action(pod, to: "10.96.0.2", 80) == .allow)
        }
        #expect(try cluster.cause("n/free", to: "10.96.0.1", 80) == .serviceGuarded(key("n/s"), guard: "imds"))
    }

    @Test("an endpoint that is a service address is a plain address")
    func anEndpointThatIsAServiceAddressIsAPlainAddress() throws {
        let cluster = SmallCluster(
            Self.base + [
                Self.toWeb,
                service("n/inner", "10.96.0.1"), slice("n/inner", of: "inner", endpoint("10.0.0.2")),
                service("n/outer", "10.96.0.2"), slice("n/outer", of: "outer", endpoint("10.96.0.1"), target: 80),
            ])
        #expect(try cluster.action("n/p", to: "10.96.0.1", 80) == .allow)
        #expect(try cluster.action("n/p", to: "10.96.0.2", 80) == .deny)
    }
}
