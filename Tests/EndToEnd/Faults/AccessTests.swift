import FoundationEssentials
import PacketLab
import PolicyModel
import Testing

/// What keeps the agent from the API is said in words, ends no enforcement, and is recovered from.
extension EndToEnd {
    @Suite(.serialized) struct AccessTests {
        /// A node whose agent has enforced, with a pod that may reach nothing.
        private struct Scene {
            let node: ClusterNode
            let pod: RunningPod

            init(_ name: String, third: Int) throws {
                node = try ClusterNode(Cluster.current, name)
                try node.controlPlane.kubectl(
                    "apply", text: Manifest.namespace(name) + Manifest.policy("nothing", name, egress: "[]"))
                pod = try node.kubelet.run(Pod("pod", in: name, "10.22.\(third).1"), onWire: true)
                try node.start()
                try node.settle()
                try expectDenied()
            }

            func expectDenied() throws {
                #expect(try pod.process.run(.tcpConnect(to: Endpoint("10.22.0.99", 80), timeoutMs: 300)).result == .notPermitted)
            }

            /// Runs the agent again in changed circumstances, until it says the words.
            func complains(_ words: String...) throws {
                let start = node.agent.log.count
                node.agent.kill()
                try node.agent.start()
                try node.waitUntil("the log says \(words)") {
                    node.agent.log.dropFirst(start).split(separator: "\n").contains { line in
                        words.allSatisfy { line.lowercased().contains($0.lowercased()) }
                    }
                }
                try expectDenied()
                #expect(try node.isAlive)
            }

            /// - Parameter change: takes the fault away.
            func recovers(_ change: () throws -> Void) throws {
                try change()
                try node.waitUntil("the agent is ready again", seconds: 90) { try node.isReady }
                try node.settle()
                try expectDenied()
            }
        }

        @Test("An expired token")
        func expiredToken() throws {
            let scene = try Scene("expired-token", third: 1)
            defer { scene.node.close() }
            let signer = try TokenSigner(scene.node.controlPlane)
            try scene.node.agent.replaceToken(signer.token(seconds: -TokenSigner.leeway - 1))
            try scene.complains("401", "token")
            try scene.recovers { try scene.node.agent.rotateToken() }
        }

        @Test("A certificate authority that did not sign the server's certificate")
        func unknownAuthority() throws {
            let scene = try Scene("unknown-authority", third: 2)
            defer { scene.node.close() }
            let other = try Certificates(in: scene.node.controlPlane.directory, authority: "other")
            scene.node.agent.trust(other.authority)
            try scene.node.agent.rotateToken()
            try scene.complains("certificate")
            scene.node.agent.trust(scene.node.controlPlane.certificates.authority)
            try scene.recovers { try scene.node.agent.rotateToken() }
        }

        @Test("A server out of reach")
        func unreachable() throws {
            let scene = try Scene("unreachable", third: 3)
            defer { scene.node.close() }
            let connections = scene.node.controlPlane.connections
            connections.set(.refuse)
            connections.cutAll()
            defer { connections.set(.pass) }
            try scene.complains(ControlPlane.serviceAddress)
            try scene.recovers { connections.set(.pass) }
        }

        @Test("A right that is missing is named, by verb and resource", arguments: Right.allCases)
        func missingRight(right: Right) throws {
            let scene = try Scene("missing-\(right)", third: 10 + Right.allCases.firstIndex(of: right)!)
            defer { scene.node.close() }
            let controlPlane = scene.node.controlPlane
            defer { _ = try? controlPlane.run(["apply", "-k", Repository.path("manifests/base")]) }
            try controlPlane.kubectl(
                "patch", "clusterrole", "sluiced", "--type=json",
                "-p", right.removal(from: controlPlane.kubectl("get", "clusterrole", "sluiced", "-o", "json")))
            try scene.complains(right.verb, right.resource)
            try scene.recovers {
                try controlPlane.kubectl("apply", "-k", Repository.path("manifests/base"))
            }
        }
    }
}

/// A verb on a resource that the agent cannot do without.
enum Right: String, CaseIterable, CustomTestStringConvertible {
    case listPods = "list pods"
    case watchPods = "watch pods"
    case listNamespaces = "list namespaces"
    case listNodes = "list nodes"
    case listServices = "list services"
    case listEndpointSlices = "list endpointslices"
    case listPolicies = "list networkpolicies"
    case watchPolicies = "watch networkpolicies"

    var verb: String { String(rawValue.split(separator: " ")[0]) }
    var resource: String { String(rawValue.split(separator: " ")[1]) }
    var testDescription: String { rawValue }

    /// A patch that takes the right, and those of the same rule, out of a ClusterRole.
    func removal(from role: String) throws -> String {
        struct Role: Codable {
            struct Rule: Codable {
                var apiGroups: [String]
                var resources: [String]
                var verbs: [String]
            }
            var rules: [Rule]
        }
        var rules: [Role.Rule] = []
        for rule in try JSONDecoder().decode(Role.self, from: Data(role.utf8)).rules {
            guard rule.resources.contains(resource) else {
                rules.append(rule)
                continue
            }
            var others = rule
            others.resources.removeAll { $0 == resource }
            if !others.resources.isEmpty { rules.append(others) }
            var rest = rule
            rest.resources = [resource]
            rest.verbs.removeAll { $0 == verb }
            rules.append(rest)
        }
        let value = String(decoding: try JSONEncoder().encode(rules), as: UTF8.self)
        return #"[{"op": "replace", "path": "/rules", "value": \#(value)}]"#
    }
}
