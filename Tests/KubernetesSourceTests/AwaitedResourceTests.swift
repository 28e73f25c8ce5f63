import KubernetesClient
import KubernetesSource
import PolicyModel
import TestHarness
import Testing

private let policyPath = "/apis/networking.k8s.io/v1/networkpolicies"
private let optional = Resource.all.filter(\.isOptional)
private let missing = APIError(.status(404), reason: "NotFound", message: "no such page")
private let forbidden = APIError(.status(403), reason: "Forbidden", message: "is forbidden")

/// What happens while it is not known whether a cluster has what it may do without.
@Suite struct AwaitedResourceTests {
    @Test("C3: an optional list that hangs delays nobody, and is told of as awaited until it answers")
    func hangs() async throws {
        let server = SimulatedServer()
        let policy = ObjectReference(.networkPolicy, "x", "p")
        server.update { $0.set(policy, at: policyPath, label: 1) }
        let hanging = try #require(optional.first { $0.kind == .clusterNetworkPolicy })
        server.configure {
            for path in optional.flatMap(\.paths) { $0.errors[path] = missing }
            $0.hangs.formUnion(hanging.paths)
        }
        let source = makeSource(server, Resource.all)
        let consumer = Consumer()
        let begun = ContinuousClock.now
        consumer.follow(source)
        try await eventually("the policy has come") { consumer.view.objects[policy] != nil }
        print("C3: with a list that hangs, the NetworkPolicy came after \(ContinuousClock.now - begun)")
        // A change comes too.
        server.update { $0.remove(policy, at: policyPath) }
        try await eventually("the change has come") { consumer.view.objects[policy] == nil }
        try await eventually("nothing else is awaited") { consumer.view.batches.last?.awaited == [hanging.name] }
        #expect(!source.condition.isSynced)
        server.configure { $0.hangs = [] }
        try await eventually("it is awaited no longer") { consumer.view.batches.last?.awaited == [] }
        #expect(source.condition.isSynced)
        source.stop()
    }

    @Test("C3: neither 500 nor 403 says that a resource is not served; 404 and discovery do")
    func refused() async throws {
        let log = LogLines()
        let server = SimulatedServer()
        server.configure { settings in
            for path in optional.flatMap(\.paths) { settings.errors[path] = forbidden }
            for resource in optional {
                for path in resource.paths {
                    settings.discovery[Resource.discoveryPath(of: path)] = #"{"resources":[{"name":"other"}]}"#
                }
            }
            let name = #"{"resources":[{"name":"clusternetworkpolicies"}]}"#
            settings.discovery["/apis/policy.networking.k8s.io/v1alpha2"] = name
        }
        let source = makeSource(server, Resource.all, logger: log.logger)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("an absent resource is not awaited") {
            consumer.view.batches.last?.awaited == ["clusternetworkpolicies"]
        }
        let right = "the verbs list and watch on clusternetworkpolicies in API group policy.networking.k8s.io"
        try await eventually("the missing right is told") {
            source.condition.feeds.contains { $0.missingRight == right && $0.problem?.contains(right) == true }
        }
        try await eventually("it is logged") { log.lines.contains { $0.contains(right) } }
        server.configure {
            for path in optional.flatMap(\.paths) { $0.errors[path] = APIError(.status(500), message: "oh") }
        }
        let before = server.requests.count
        try await eventually("there are retries") { server.requests.count > before + 20 }
        #expect(consumer.view.batches.last?.awaited == ["clusternetworkpolicies"])
        server.configure { for path in optional.flatMap(\.paths) { $0.errors[path] = missing } }
        try await eventually("it is awaited no longer") { consumer.view.batches.last?.awaited == [] }
        source.stop()
    }

    @Test("C4: where watches end at once, changes are heard of by lists")
    func emptyWatches() async throws {
        let log = LogLines()
        let server = SimulatedServer()
        server.update { $0.set(pod("a"), at: podPath, label: 0) }
        server.configure { $0.endsWatchesAtOnce = true }
        let source = makeSource(server, logger: log.logger)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("there is a list") { consumer.labels == ["a": "0"] }
        let begun = server.requests.count
        for label in 1...3 {
            server.update { $0.set(pod("a"), at: podPath, label: label) }
            try await eventually("change \(label) has come") { consumer.labels == ["a": "\(label)"] }
        }
        print("C4: three changes took \(server.requests.count - begun) requests while every watch ended at once")
        #expect(log.lines.contains { $0.contains("3 watches in a row end at once") })
        source.stop()
    }
}
