import Linting
import PolicyModel
import Testing

/// That a large cluster is looked through at all; the time is printed and judged by nobody.
@Suite struct ScaleTests {
    static let namespaces = 1_000
    static let deployments = 5_000

    /// Replicas with labels of their own, as a StatefulSet's have.
    private func podObject(_ index: Int) -> ClusterObject {
        let deployment = index % Self.deployments
        return .pod(
            Pod(
                key: NamespacedName("n\(deployment % Self.namespaces)", "p\(index)"),
                labels: [
                    "app": "a\(deployment)", "tier": deployment % 3 == 0 ? "web" : "backend", "pod": "p\(index)",
                ], addresses: [IPAddress(ipv4: 0x0a40_0000 + UInt32(index))],
                namedPorts: [NamedPort(name: "http", protocol: .tcp, number: 8080)],
                workload: Workload(kind: "Deployment", name: "a\(deployment)"), keepsNetRaw: index % 2 == 0))
    }

    private func policyObject(_ index: Int) -> ClusterObject {
        let next = (index + 1) % Self.deployments
        return policy(
            "n\(index % Self.namespaces)/policy\(index)", on: ["app": "a\(index)"],
            rule(to: pods(["app": "a\(next)"], in: "n\(next % Self.namespaces)"), ports: tcp("http")),
            rule(to: pods(["tier": "web"])), rule(to: podsAnywhere(["tier": "backend"]), ports: tcp(9090)),
            rule(to: pods(["k8s-app": "kube-dns"], in: "kube-system"), ports: udp(53)),
            rule(to: block("203.0.\(index % 256).0/24", except: "203.0.\(index % 256).64/26"), ports: tcp(443)))
    }

    private func services() -> [ClusterObject] {
        stride(from: 0, to: Self.deployments, by: 3).flatMap { deployment -> [ClusterObject] in
            let name = "n\(deployment % Self.namespaces)/s\(deployment)"
            let addresses = stride(from: deployment, to: 100_000, by: Self.deployments)
                .map { IPAddress(ipv4: 0x0a40_0000 + UInt32($0)) }
            return [
                service(name, "10.32.\(deployment / 250).\(deployment % 250 + 1)"),
                .endpointSlice(
                    EndpointSlice(
                        key: key("\(name)-1"), serviceName: "s\(deployment)",
                        ports: [EndpointSlice.Port(name: "TCP", protocol: .tcp, number: 8080)],
                        endpoints: addresses.map { EndpointSlice.Endpoint(addresses: [$0]) })),
            ]
        }
    }

    @Test("100,000 pods and 5,000 policies are looked through")
    func aLargeCluster() {
        let objects = (0..<100_000).map(podObject) + (0..<5_000).map(policyObject) + services() + NameServiceTests.dns
        let linter = Linter(objects: objects)
        let clock = ContinuousClock()
        for check in Check.allCases {
            let time = clock.measure { _ = linter.report([check]) }
            print("scale: lint \(check.rawValue) alone \(time)")
        }
        var report: LintReport?
        let time = clock.measure { report = linter.report() }
        let counts = Dictionary(grouping: report?.findings ?? [], by: \.check).map {
            "\($0.key.rawValue) \($0.value.count)"
        }
        print("scale: lint of \(objects.count) objects \(time); \(counts.sorted().joined(separator: ", "))")
        #expect(report?.findings.contains { $0.check == .noDNS } == true)
    }
}
