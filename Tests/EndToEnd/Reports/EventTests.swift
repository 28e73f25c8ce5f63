import PacketLab
import Testing

/// What the agent tells the cluster.
extension EndToEnd {
    @Suite(.serialized) struct EventTests {
        @Test("A denied connection is an Event on its pod")
        func denied() throws {
            let scene = try VerdictScene("events")
            defer { scene.node.close() }
            let pod = try scene.pod("web", host: 1)
            try scene.policy("deny-all", egress: "[]")
            try scene.expect(pod, not: [scene.endpoint(9, 8080)])
            let told = try scene.awaitEvent("EgressDenied", on: "Pod", "web")
            #expect(told.contains("\(scene.address(9)):8080 TCP") && told.contains("deny-all"), "\(told)")
            #expect(told.contains(pod.uid))
        }

        /// The servers of the time take a length with a leading zero.
        @Test("A rule that cannot be understood is an Event on its policy, and allows nothing")
        func notUnderstood() throws {
            let scene = try VerdictScene("unclear")
            defer { scene.node.close() }
            let pod = try scene.pod("web", host: 1)
            let rules = ["\(scene.address(2))/032", "\(scene.address(3))/32"].map { Manifest.rule($0) }
            do {
                try scene.policy("unclear", egress: "[\(rules.joined(separator: ", "))]")
            } catch {
                print("end-to-end: this server refuses the policy, so there is nothing to be told of it")
                return
            }
            defer { _ = try? scene.controlPlane.run(["delete", "networkpolicy", "-n", scene.name, "unclear"]) }
            try scene.expect(pod, reaches: [scene.endpoint(3)], not: [scene.endpoint(2)])
            let told = try scene.awaitEvent("PolicyNotUnderstood", on: "NetworkPolicy", "unclear")
            #expect(told.contains("spec.egress[0].to[0].ipBlock.cidr"), "\(told)")
            let status = try scene.node.status()
            #expect(status.problems.contains { $0.contains("unclear") && $0.contains("egress[0]") })
        }

        @Test("The taint goes once the agent is ready, with the component that lets it")
        func taint() throws {
            let cluster = try Cluster.current
            let controlPlane = cluster.controlPlane
            let component = Kustomization(path: "manifests/components/remove-taint", isComponent: true)
            let folder = try component.applicable(in: controlPlane.directory)
            try controlPlane.kubectl("apply", "-k", folder)
            defer {
                let own = "clusterrole,clusterrolebinding"
                _ = try? controlPlane.run(["delete", own, "sluiced-remove-taint"])
                _ = try? controlPlane.run(["apply", "-k", Repository.path("manifests")])
            }
            let node = try ClusterNode(cluster, "node-tainted", kustomization: folder)
            defer { node.close() }
            let name = node.kubelet.nodeName
            try controlPlane.kubectl(
                "taint", "node", name, "a=b:NoSchedule", "sluice.dev/agent-not-ready=:NoSchedule",
                "sluice.dev/agent-not-ready=:NoExecute", "c=d:NoSchedule")
            let start = controlPlane.audit.end
            try node.start()
            var keys: Set<Substring> = []
            try? node.waitUntil("the taint is gone", everyMs: 100) {
                let text = try controlPlane.kubectl(
                    "get", "node", name, "-o", "jsonpath={.spec.taints[*].key}")
                keys = Set(text.split(separator: " "))
                return !keys.contains("sluice.dev/agent-not-ready")
            }
            // New nodes get one from the server itself.
            #expect(keys.subtracting(["node.kubernetes.io/not-ready"]) == ["a", "c"])
            let granted = try ClusterRole("sluiced-remove-taint", controlPlane).rights
            #expect(try granted.isSubset(of: controlPlane.audit.used(after: start)))
        }
    }
}

extension VerdictScene {
    /// Waits for an Event in the scene's namespace.
    ///
    /// - Returns: its message, and the subject's uid.
    func awaitEvent(_ reason: String, on kind: String, _ subject: String) throws -> String {
        var told = ""
        try node.waitUntil("there is an Event \(reason) on \(subject)", everyMs: 200) {
            told = try controlPlane.kubectl(
                "get", "events", "-n", name, "--field-selector",
                "reason=\(reason),involvedObject.kind=\(kind),involvedObject.name=\(subject)",
                "-o", "jsonpath={range .items[*]}{.message} {.involvedObject.uid}{end}")
            return !told.isEmpty
        }
        return told
    }
}
