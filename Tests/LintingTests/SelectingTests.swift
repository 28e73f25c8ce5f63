import Linting
import PolicyModel
import Testing

@Suite struct SelectingTests {
    @Test("a policy whose selector matches no pod is found, with the labels that are there")
    func selectorsThatMatchNothing() {
        let findings = found(
            .selectsNothing, pod("shop/web", "10.0.0.1", labels: ["app": "web"]), policy("shop/p", on: ["app": "wbe"]))
        #expect(findings.places == ["NetworkPolicy shop/p spec.podSelector"])
        #expect(findings.first?.message == "selects no pod: none in namespace shop matches app=wbe")
        #expect(findings.first?.suggestion == "app is there as web")
    }

    @Test("a policy that selects one pod, or is for ingress alone and selects one, is not found")
    func selectorsThatMatch() {
        #expect(
            found(
                .selectsNothing, pod("shop/web", "10.0.0.1", labels: ["app": "web"]),
                policy("shop/p", on: ["app": "web"]),
                policy("shop/q", isolates: false)
            ).isEmpty)
    }

    @Test("finished pods and pods of other namespaces are nobody's")
    func nobody() {
        let findings = found(
            .selectsNothing, pod("shop/job", "10.0.0.1", labels: ["app": "web"], finished: true),
            pod("other/web", "10.0.0.2", labels: ["app": "web"]), policy("shop/p", on: ["app": "web"]))
        #expect(findings.places == ["NetworkPolicy shop/p spec.podSelector"])
        #expect(findings.first?.suggestion.contains("has no pods") == true)
    }

    @Test("an administrators' subject without pods is found, one with a pod is not")
    func subjects() {
        let findings = found(
            .selectsNothing, pod("shop/web", "10.0.0.1"),
            tier(.admin, "none", on: selection(in: "sohp"), deny(network("10.0.0.0/8"))),
            tier(.admin, "some", on: selection(in: "shop"), deny(network("10.0.0.0/8"))))
        #expect(findings.places == ["ClusterNetworkPolicy none spec.subject"])
        #expect(findings.first?.message == "is about no pod: there are no pods in sohp")
    }

    @Test("a policy for pods on the host's network alone is a warning, for some of them a remark")
    func hostNetwork() {
        let host = pod("shop/host", "192.168.0.1", labels: ["app": "host"], hostNetwork: true)
        let web = pod("shop/web", "10.0.0.1", labels: ["app": "web"])
        let findings = found(
            .hostNetworkSelected, host, web, policy("shop/host", on: ["app": "host"]), policy("shop/all"),
            policy("shop/web", on: ["app": "web"]))
        #expect(
            findings.places == ["NetworkPolicy shop/host spec.podSelector", "NetworkPolicy shop/all spec.podSelector"])
        #expect(findings.map(\.severity) == [.warning, .info])
        #expect(findings.first?.message.contains("pod shop/host") == true)
    }

    @Test("policies of one tier and priority are found, of two tiers not")
    func equalPriorities() {
        let rule = deny(network("10.0.0.0/8"))
        let findings = found(
            .equalPriority, tier(.admin, "a", priority: 5, rule), tier(.admin, "b", priority: 5, rule),
            tier(.baseline, "c", priority: 5, rule))
        #expect(findings.places == ["ClusterNetworkPolicy b spec.priority"])
    }

    @Test("a namespace in audit mode is a remark, an enforced one is none")
    func auditNamespaces() {
        let findings = found(
            .auditNamespace, namespace("legacy", ["sluice.dev/enforcement": "audit"]),
            namespace("shop", ["sluice.dev/enforcement": "enforce"]), policy("legacy/p"))
        #expect(findings.places == ["Namespace legacy metadata.labels[sluice.dev/enforcement]"])
        #expect(findings.first?.severity == .info && findings.first?.message.contains("1 NetworkPolicies") == true)
    }

    @Test("what its reader did not understand is found with its place; an except outside of its block by that name")
    func notUnderstood() {
        let reference = ObjectReference(.networkPolicy, "shop", "p")
        let diagnostics = [
            Diagnostic(
                .error, object: "NetworkPolicy shop/p", reference: reference,
                field: "spec.egress[0].to[0].ipBlock.except[0]", "10.0.0.0/8 must lie strictly inside 192.0.2.0/24"),
            Diagnostic(
                .error, object: "NetworkPolicy shop/p", reference: reference, field: "spec.egress[1]", "is null"),
            Diagnostic(.warning, origin: "web.yaml:3", object: "Ingress x", field: "spec", "is ignored"),
        ]
        let findings = Linter(objects: [], diagnostics: diagnostics).report().findings
        #expect(findings.map(\.check) == [.exceptOutsideBlock, .notUnderstood, .notUnderstood])
        #expect(findings.map(\.severity) == [.error, .error, .warning])
        #expect(findings[2].origin == "web.yaml:3" && findings[2].message == "Ingress x: is ignored")
    }
}
