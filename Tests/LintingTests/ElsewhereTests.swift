import Linting
import PolicyModel
import Testing

@Suite struct ElsewhereTests {
    private func pod(_ name: String, _ labels: Labels = [:], runtimeClass: String? = nil, workload: Workload? = nil)
        -> ClusterObject
    {
        .pod(Pod(key: key(name), labels: labels, workload: workload, runtimeClass: runtimeClass))
    }

    private func runtime(_ name: String, _ handler: String) -> ClusterObject {
        .runtimeClass(RuntimeClass(name: name, handler: handler))
    }

    @Test("E2: isolated pods whose runtime hides their packets are found, once for each workload")
    func unenforceable() {
        let web = Workload(kind: "Deployment", name: "web")
        let findings = found(
            .unenforceable, runtime("box", "kata-qemu"), runtime("fast", "crun"),
            pod("shop/web-1", runtimeClass: "box", workload: web),
            pod("shop/web-2", runtimeClass: "box", workload: web),
            pod("shop/plain"), pod("shop/fast", runtimeClass: "fast"), pod("open/web", runtimeClass: "box"),
            policy("shop/p"))
        #expect(findings.places == ["Pod shop/web-1 spec.runtimeClassName"])
        let message = findings.first?.message ?? ""
        #expect(message.hasPrefix("Deployment web, 2 pods (for instance web-1), cannot be enforced"), "\(message)")
        #expect(message.contains("Kata Containers, runtimeClassName box (handler kata-qemu)"), "\(message)")
    }

    @Test("E3: the label that switches the connect hook off is an error in Istio's ambient mesh")
    func mesh() {
        let (ambient, slow) = (["istio.io/dataplane-mode": "ambient"], ["sluice.dev/fail-fast": "false"])
        let findings = found(
            .meshTimesOut, namespace("whole", ambient.merging(slow) { $1 }), namespace("part", slow),
            namespace("mesh", ambient), namespace("slow", slow), pod("part/web", ambient), pod("slow/web"))
        #expect(
            findings.places == [
                "Namespace part metadata.labels[sluice.dev/fail-fast]",
                "Namespace whole metadata.labels[sluice.dev/fail-fast]",
            ])
        #expect(findings.allSatisfy { $0.severity == .error && $0.suggestion.contains("failFastExcept") })
    }
}
