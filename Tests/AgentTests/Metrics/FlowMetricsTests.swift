import Agent
import Flows
import PolicyModel
import PrometheusMetrics
import Testing

@Suite struct FlowMetricsTests {
    let metrics = FlowMetrics(guards: ["imds", "vault", "node-ports"])

    private func note(
        _ verdict: FlowVerdict, namespace: String = "shop", kind: Flow.Kind = .external, count: UInt32 = 1,
        names: [String] = [], guarded: Bool = false
    ) {
        metrics.record(
            Flow(
                time: FlowTime(nanoseconds: 0), verdict: verdict, count: count,
                source: FlowEnd(namespace: namespace, pod: namespace.isEmpty ? "" : "web"), destination: FlowEnd(),
                transport: FlowTransport(protocolNumber: 6, destinationPort: 80), destinationKind: kind,
                destinationNames: names, guarded: guarded))
    }

    private func lines(_ namespaces: Set<String> = ["shop"]) -> [String] {
        ExpositionFormat.prometheus.text(metrics.families(namespaces: namespaces)).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    @Test("Denied packets are counted by what their destination is, each one that a flow stands for")
    func denials() {
        note(.denied, count: 3)
        note(.denied, kind: .pod)
        note(.denied)
        note(.audit, kind: .service, count: 2)
        note(.allowed)
        note(.held)
        #expect(
            lines() == [
                "sluice_denied_destinations_total{kind=\"external\",namespace=\"shop\",verdict=\"denied\"} 4",
                "sluice_denied_destinations_total{kind=\"pod\",namespace=\"shop\",verdict=\"denied\"} 1",
                "sluice_denied_destinations_total{kind=\"service\",namespace=\"shop\",verdict=\"audit\"} 2",
            ])
    }

    @Test("Guards are told by their names, and who passed them is told too")
    func guards() {
        note(.denied, kind: .metadata, count: 5, names: ["10.0.0.0/8", "imds"], guarded: true)
        note(.audit, kind: .metadata, names: ["vault"], guarded: true)
        note(.allowed, kind: .metadata, count: 2, names: ["imds"], guarded: true)
        note(.denied, kind: .node, names: ["node-1"], guarded: true)
        note(.denied, kind: .service, guarded: true)
        #expect(
            lines().filter { $0.hasPrefix("sluice_guard_hits_total") } == [
                "sluice_guard_hits_total{guard=\"imds\",namespace=\"shop\",verdict=\"denied\"} 5",
                "sluice_guard_hits_total{guard=\"imds\",namespace=\"shop\",verdict=\"passed\"} 2",
                "sluice_guard_hits_total{guard=\"node-ports\",namespace=\"shop\",verdict=\"denied\"} 1",
                "sluice_guard_hits_total{guard=\"other\",namespace=\"shop\",verdict=\"denied\"} 1",
                "sluice_guard_hits_total{guard=\"vault\",namespace=\"shop\",verdict=\"audit\"} 1",
            ])
    }

    @Test("Names that no rule covers are counted by who asked, and are no denied packet")
    func uncoveredNames() {
        for namespace in ["shop", "shop", "gone"] {
            metrics.record(
                Flow(
                    time: FlowTime(nanoseconds: 0), verdict: .denied, source: FlowEnd(namespace: namespace, pod: "web"),
                    destination: FlowEnd(), transport: FlowTransport(protocolNumber: 17, destinationPort: 53),
                    destinationNames: ["other.example"], hook: .dns))
        }
        #expect(lines() == ["sluice_uncovered_names_total{namespace=\"shop\"} 2"])
    }

    @Test("What a namespace counted goes with it, and unknown pods have a name that no namespace has")
    func departure() {
        note(.denied, namespace: "batch")
        note(.denied, namespace: "")
        #expect(lines(["batch"]).count == 2)
        #expect(
            lines([]) == [
                "sluice_denied_destinations_total{kind=\"external\",namespace=\"(unknown)\",verdict=\"denied\"} 1"
            ])
        #expect(lines(["batch"]).count == 1)
    }
}
