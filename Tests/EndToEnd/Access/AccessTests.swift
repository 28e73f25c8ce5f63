import PacketLab
import Testing

/// What keeps the agent from the API is said in words, ends no enforcement, and is recovered from.
extension EndToEnd {
    @Suite(.serialized, .oneScene { try AccessScene(Cluster.current) }) struct AccessTests {
        let scene: AccessScene
        var controlPlane: ControlPlane { scene.controlPlane }

        init() throws { scene = try OneScene.current() }

        @Test("An expired token, and one that is none")
        func badToken() throws {
            let signer = try TokenSigner(controlPlane)
            for token in [try signer.token(seconds: -TokenSigner.leeway - 1), "none"] {
                try scene.agent.replaceToken(token)
                try scene.complains(["pods", "401", "token"])
            }
            try scene.recovers { try scene.agent.rotateToken() }
        }

        @Test("A certificate authority that did not sign the server's certificate")
        func unknownAuthority() throws {
            let other = try Certificates(in: controlPlane.directory, authority: "other")
            scene.agent.trust(other.authority)
            try scene.agent.rotateToken()
            try scene.complains(["certificate", ControlPlane.serviceAddress])
            scene.agent.trust(controlPlane.certificates.authority)
            try scene.recovers { try scene.agent.rotateToken() }
        }

        @Test("A server out of reach")
        func unreachable() throws {
            let connections = controlPlane.connections
            connections.set(.refuse)
            connections.cutAll()
            defer { connections.set(.pass) }
            try scene.complains(["pods", ControlPlane.serviceAddress])
            try scene.recovers { connections.set(.pass) }
        }

        /// Every resource that the shipped role lets it list and watch, or the agent would not
        /// have to say that it misses it.
        @Test("A right that is missing is named, by verb and resource", arguments: ["list", "watch"])
        func missingRight(verb: String) throws {
            let role = try ClusterRole("sluiced", controlPlane)
            let rights = role.rights.filter { $0.verb == verb }
            #expect(rights.count >= 6)
            defer { _ = try? controlPlane.run(["apply", "-k", Repository.path("manifests")]) }
            try role.without { $0.verb == verb }.replace(at: controlPlane)
            let start = scene.agent.log.count
            try scene.agent.start()
            for right in rights {
                let words = "cannot \(verb) resource \"\(right.resource)\""
                try scene.node.awaitLog(words, after: start)
                try scene.node.awaitStatus(words) { $0.problems.contains { $0.contains(words) } }
            }
            try scene.expectDenied()
            #expect(try scene.node.isAlive)
            try scene.recovers { try controlPlane.kubectl("apply", "-k", Repository.path("manifests")) }
        }

        @Test("A kubeconfig that cannot be used is named, with the field")
        func brokenKubeconfig() throws {
            let text = try scene.kubeconfig(user: "{token: none}")
                .replacing("current-context: here", with: "current-context: elsewhere")
            try scene.writeKubeconfig(text)
            try scene.failsToStart(["\(AccessScene.kubeconfig)", "contexts", "elsewhere", "here"])
            try scene.writeKubeconfig(
                scene.kubeconfig(user: "{client-certificate-data: '%', client-key: /none}"))
            try scene.failsToStart([AccessScene.kubeconfig, "client-certificate-data", "base64"])
            try scene.recovers { try scene.agent.start() }
        }

        @Test(
            "A kubeconfig leads to the server too: token file, and plugin",
            arguments: [
                "{tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token}",
                """
                {exec: {apiVersion: client.authentication.k8s.io/v1, command: bash, interactiveMode: Never, args: [
                  /etc/sluice/plugin]}}
                """,
            ])
        func kubeconfig(user: String) throws {
            try scene.writePlugin()
            try scene.writeKubeconfig(scene.kubeconfig(user: user))
            let start = controlPlane.audit.end
            try scene.agent.start(also: ["--kubeconfig=\(AccessScene.kubeconfig)"])
            try scene.node.awaitWell()
            #expect(try controlPlane.audit.hasList(of: "pods", after: start))
            try scene.expectDenied()
            try scene.recovers { try scene.agent.start() }
        }
    }
}
