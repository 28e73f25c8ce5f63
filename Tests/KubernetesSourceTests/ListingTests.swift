import KubernetesClient
import KubernetesSource
import PolicyModel
import Testing

@Suite struct ListingTests {
    let missing = APIError(.status(404), reason: "NotFound", message: "no such page")
    let server = SimulatedServer()

    init() {
        let missing = missing
        server.configure {
            for path in Resource.all.filter(\.isOptional).flatMap(\.paths) { $0.errors[path] = missing }
        }
    }

    @Test("everything is listed, page by page, by the path that is served, and nothing watched")
    func lists() async throws {
        server.update { store in
            for name in ["a", "b", "c", "d", "e"] { store.set(pod(name), at: podPath, label: 1) }
            store.set(
                ObjectReference(.endpointSlice, "x", "e"), at: "/apis/discovery.k8s.io/v1beta1/endpointslices", label: 1
            )
        }
        let missing = missing
        server.configure { $0.errors["/apis/discovery.k8s.io/v1/endpointslices"] = missing }
        var options = KubernetesSource.Options()
        options.pageSize = 2
        let batch = try await ClusterListing.list(server, options: options)
        #expect(batch.changes.count == 6)
        #expect(server.requests.count { $0.path == podPath } == 3)
        #expect(!server.requests.contains { $0["watch"] != nil })
    }

    @Test("what is wrong with an object is told, and the object with less allowed is there")
    func diagnostics() async throws {
        server.update {
            $0.set(
                ObjectReference(.networkPolicy, "x", "p"), at: "/apis/networking.k8s.io/v1/networkpolicies", label: 1,
                extra: #","egress":[null]"#)
        }
        let batch = try await ClusterListing.list(server)
        #expect(batch.changes.count == 1 && batch.diagnostics.count == 1)
    }

    @Test(
        "a refusal, a required kind that is not served, and a broken connection end it",
        arguments: [
            (
                APIError(.status(403), reason: "Forbidden", message: "no"),
                "must be allowed to list nodes in the whole cluster"
            ),
            (APIError(.status(404), reason: "NotFound", message: "no such page"), "no such page"),
            (APIError(.cut, message: "reset"), "reset"),
        ])
    func failures(_ error: APIError, _ says: String) async throws {
        server.configure { $0.errors["/api/v1/nodes"] = error }
        let thrown = await #expect(throws: APIError.self) { try await ClusterListing.list(server) }
        #expect(thrown?.message.contains(says) == true)
    }
}
