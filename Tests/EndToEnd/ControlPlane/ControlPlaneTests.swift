import PacketLab
import Testing

/// The test's own tools do what the tests rely on.
extension EndToEnd {
    @Suite(.serialized) struct ControlPlaneTests {
        let controlPlane: ControlPlane

        init() throws { controlPlane = try Cluster.current.controlPlane }

        @Test("A server that was killed comes back with what etcd holds")
        func killed() throws {
            try controlPlane.kubectl("create", "namespace", "survivor")
            controlPlane.killServer()
            #expect(try controlPlane.run(["get", "namespaces", "--request-timeout=2s"]).status != 0)
            try controlPlane.launchServer()
            try controlPlane.awaitReady()
            #expect(try controlPlane.kubectl("get", "namespaces").contains("survivor"))
        }

        @Test("A frozen server answers nothing, and goes on when it is thawed")
        func frozen() throws {
            controlPlane.freezeServer()
            #expect(try controlPlane.run(["get", "--raw", "/readyz", "--request-timeout=1s"]).status != 0)
            controlPlane.thawServer()
            try controlPlane.awaitReady()
        }

        @Test("A watch of policies from before a compaction is answered with 410")
        func compacted() throws {
            let policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"
            let version = try controlPlane.kubectl(
                "get", "namespace", "default", "-o", "jsonpath={.metadata.resourceVersion}")
            try controlPlane.kubectl("create", "namespace", "compacted")
            try controlPlane.compact()
            let watch = "\(policies)?watch=true&timeoutSeconds=5&resourceVersion=\(version)"
            let (_, output) = try controlPlane.run(["get", "--raw", watch])
            #expect(output.contains("Expired") && output.contains("410"), "\(output)")
        }

        @Test("A token signed here is taken for the account's own, until it expires")
        func token() throws {
            let signer = try TokenSigner(controlPlane)
            let fresh = try signer.token(seconds: 60)
            let expired = try signer.token(seconds: -TokenSigner.leeway - 1)
            #expect(try controlPlane.accepts(token: fresh))
            #expect(try !controlPlane.accepts(token: expired))
        }
    }
}
