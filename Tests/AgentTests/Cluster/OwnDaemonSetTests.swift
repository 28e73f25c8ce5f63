import Agent
import KubernetesClient
import PolicyModel
import Testing

@Suite struct OwnDaemonSetTests {
    private static let pod = NamespacedName("sluice-system", "sluiced-x")
    private static let base = "/apis/apps/v1/namespaces/sluice-system/daemonsets/sluiced"

    private func fate(_ answer: FakeAPI.Answer) async -> OwnDaemonSet.Fate {
        await OwnDaemonSet(FakeAPI { _ in answer }, pod: Self.pod).fate("sluiced")
    }

    @Test("E7: the agent's own pod tells its DaemonSet, which must be readable")
    func name() async throws {
        let owners = #"[{"kind":"DaemonSet","name":"sluiced","controller":true}]"#
        let api = FakeAPI { request in
            request.path.hasSuffix("/pods/sluiced-x")
                ? .ok(#"{"metadata":{"ownerReferences":\#(owners)}}"#) : .ok(#"{"metadata":{}}"#)
        }
        #expect(try await OwnDaemonSet(api, pod: Self.pod).name() == "sluiced")
        #expect(api.requests.map(\.path) == ["/api/v1/namespaces/sluice-system/pods/sluiced-x", Self.base])
        let alone = FakeAPI { _ in .ok(#"{"metadata":{}}"#) }
        #expect(try await OwnDaemonSet(alone, pod: Self.pod).name() == nil)
        let barred = FakeAPI {
            $0.path == Self.base ? .status(403) : .ok(#"{"metadata":{"ownerReferences":\#(owners)}}"#)
        }
        await #expect(throws: APIError.self) { try await OwnDaemonSet(barred, pod: Self.pod).name() }
    }

    @Test("E7: an update goes on, a deletion ends, and what cannot be asked decides nothing")
    func fates() async {
        #expect(await fate(.ok(#"{"metadata":{"name":"sluiced"}}"#)) == .stays)
        for answer: FakeAPI.Answer in [
            .ok(#"{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}}"#), .status(404), .status(403),
            .status(401),
        ] {
            guard case .ends = await fate(answer) else {
                Issue.record("\(answer)")
                continue
            }
        }
        for answer: FakeAPI.Answer in [.status(500), .ok("<html>"), .error(APIError(.status(503), message: ""))] {
            guard case .unknown = await fate(answer) else {
                Issue.record("\(answer)")
                continue
            }
        }
    }
}
