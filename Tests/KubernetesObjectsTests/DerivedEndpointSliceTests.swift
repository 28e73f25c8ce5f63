import KubernetesObjects
import PolicyModel
import Testing

@Suite struct DerivedEndpointSliceTests {
    private func pod(_ name: String, _ ip: String, port: UInt16 = 8080, labels: Labels = ["app": "web"]) throws -> Pod {
        Pod(
            key: NamespacedName("x", name), labels: labels, addresses: [try address(ip)],
            namedPorts: [NamedPort(name: "http", protocol: .tcp, number: port)])
    }

    private func service(selector: Labels? = ["app": "web"], target: Service.Port.Target = .named("http")) -> Service {
        Service(
            key: NamespacedName("x", "s"), addresses: [],
            ports: [.init(name: "p", protocol: .tcp, number: 80, target: target)], selector: selector)
    }

    private func derive(_ service: Service, _ pods: [Pod], _ slices: [EndpointSlice] = []) -> [EndpointSlice] {
        derivedEndpointSlices(services: [service], pods: pods, slices: slices)
    }

    @Test("takes what the selector matches") func takesWhatTheSelectorMatches() throws {
        var host = try pod("d", "10.0.0.4")
        host.hostNetwork = true
        var unready = try pod("c", "10.0.0.3")
        unready.ready = false
        var finished = try pod("e", "10.0.0.5")
        finished.finished = true
        var unborn = try pod("f", "10.0.0.6")
        unborn.addresses = []
        var elsewhere = try pod("g", "10.0.0.7")
        elsewhere.key.namespace = "y"
        let other = try pod("b", "10.0.0.2", labels: ["app": "db"])
        let slices = derive(
            service(), [host, unready, finished, unborn, elsewhere, other, try pod("a", "10.0.0.1")])
        #expect(
            slices == [
                EndpointSlice(
                    key: NamespacedName("x", "s-derived"), serviceName: "s",
                    ports: [.init(name: "p", protocol: .tcp, number: 8080)],
                    endpoints: [
                        .init(addresses: [try address("10.0.0.1")]),
                        .init(addresses: [try address("10.0.0.3")], ready: false),
                        .init(addresses: [try address("10.0.0.4")]),
                    ])
            ])
    }

    @Test("pods that differ in number go to separate slices") func podsThatDifferInNumberGoToSeparateSlices() throws {
        var udp = try pod("c", "10.0.0.3")
        udp.namedPorts = [NamedPort(name: "http", protocol: .udp, number: 8080)]
        let slices = derive(service(), [try pod("a", "10.0.0.1", port: 1), try pod("b", "10.0.0.2", port: 2), udp])
        #expect(slices.map(\.key.name) == ["s-derived", "s-derived-2", "s-derived-3"])
        #expect(slices.map { $0.ports.map(\.number) } == [[1], [2], []])
    }

    @Test("a number needs no named port") func aNumberNeedsNoNamedPort() throws {
        let slices = derive(service(target: .number(9)), [try pod("a", "10.0.0.1", port: 1), try pod("b", "10.0.0.2")])
        #expect(slices.map { $0.ports.map(\.number) } == [[9]])
        #expect(slices.first?.endpoints.count == 2)
    }

    @Test("slices that are there stand") func slicesThatAreThereStand() throws {
        let pods = [try pod("a", "10.0.0.1")]
        let own = EndpointSlice(key: NamespacedName("x", "s-1"), serviceName: "s", ports: [], endpoints: [])
        #expect(derive(service(), pods, [own]) == [])
        #expect(derive(service(selector: nil), pods) == [])
        #expect(derive(service(), []) == [])
        // Somebody else's slice under the name that would be taken.
        let other = EndpointSlice(key: NamespacedName("x", "s-derived"), serviceName: "t", ports: [], endpoints: [])
        #expect(derive(service(), pods, [other]).map(\.key.name) == ["s-derived-derived"])
    }
}
