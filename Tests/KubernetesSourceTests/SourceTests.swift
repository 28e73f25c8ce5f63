import KubernetesClient
import KubernetesSource
import PolicyModel
import TestHarness
import Testing

@Suite struct SourceTests {
    @Test("The first batch holds everything and waits for every required resource")
    func firstBatch() async throws {
        let server = SimulatedServer()
        let paths: [(ObjectReference, String)] = [
            (ObjectReference(.namespace, "", "x"), "/api/v1/namespaces"),
            (ObjectReference(.node, "", "n"), "/api/v1/nodes"), (pod("a"), podPath),
            (ObjectReference(.service, "x", "s"), "/api/v1/services"),
            (ObjectReference(.endpointSlice, "x", "e"), "/apis/discovery.k8s.io/v1beta1/endpointslices"),
            (ObjectReference(.networkPolicy, "x", "p"), "/apis/networking.k8s.io/v1/networkpolicies"),
        ]
        server.update { store in for (one, path) in paths { store.set(one, at: path, label: 1) } }
        let missing = APIError(.status(404), reason: "NotFound", message: "no such page")
        server.configure {
            for path in Resource.all.filter(\.isOptional).flatMap(\.paths) { $0.errors[path] = missing }
            $0.errors["/apis/discovery.k8s.io/v1/endpointslices"] = missing
            $0.errors["/api/v1/nodes"] = APIError(.status(403), reason: "Forbidden", message: "nodes is forbidden")
        }
        let source = makeSource(server, Resource.all)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("nodes are reported") {
            source.condition.feeds.contains { $0.name == "nodes" && $0.problem?.contains("forbidden") == true }
                && source.condition.feeds.count { $0.state == .current } == 5
        }
        #expect(consumer.view.batches.isEmpty && !source.condition.isSynced)
        server.configure { $0.errors["/api/v1/nodes"] = nil }
        try await eventually("all objects have come") { consumer.view.objects.count == 6 }
        #expect(Set(consumer.view.batches[0].changes.count...6) == [6])
        #expect(Set(consumer.view.objects.keys) == Set(paths.map(\.0)))
        try await eventually("all are current") {
            source.condition.feeds.allSatisfy { feed in
                feed.state == .notServed
                    || feed.state == .current && feed.problem == nil && feed.objects == 1 && feed.lastContact != nil
            }
        }
        #expect(
            source.condition.isSynced
                && source.condition.feeds.count { $0.state == .notServed } == Resource.all.count(where: \.isOptional))
        source.stop()
    }

    @Test("A slow consumer gets the last state of each object once")
    func coalesces() async throws {
        let server = SimulatedServer()
        server.update { $0.set(pod("a"), at: podPath, label: 0) }
        let source = makeSource(server)
        let batches = source.batches()
        var iterator = batches.makeAsyncIterator()
        _ = await iterator.next()
        try await eventually("a watch is open") { server.openWatches == 1 }
        for label in 1...200 {
            server.update { store in
                store.set(pod("b"), at: podPath, label: label)
                store.set(pod("a"), at: podPath, label: label)
                if label == 200 { store.remove(pod("b"), at: podPath) }
            }
        }
        server.update { store in for name in ["last", "very last"] { store.set(pod(name), at: podPath, label: 0) } }
        try await eventually("the last object has come") { source.condition.feeds[0].objects == 3 }
        let batch = try #require(await iterator.next())
        try #require(batch.changes.count == 4)
        #expect(batch.changes.first == .remove(pod("b")))
        guard case .set(.pod(let a)) = batch.changes[1], case .set(.pod(let last)) = batch.changes[2] else {
            Issue.record("not in order: \(batch.changes)")
            return
        }
        #expect(a.labels["v"] == "200" && last.key.name == "last")
        source.stop()
        #expect(await iterator.next() == nil)
    }

    @Test("A policy that cannot be understood is told of until it is gone, and allows nothing")
    func diagnostics() async throws {
        let path = "/apis/networking.k8s.io/v1/networkpolicies"
        let resource = Resource(name: "networkpolicies", kind: .networkPolicy, paths: [path])
        let policy = ObjectReference(.networkPolicy, "x", "p")
        let server = SimulatedServer()
        server.update { $0.set(policy, at: path, label: 1, extra: #","egress":[{"toFuture":{}}]"#) }
        let source = makeSource(server, [resource])
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("a batch has come") { consumer.view.batches.count == 1 }
        let first = consumer.view.batches[0]
        #expect(first.diagnostics.map(\.field) == ["spec.egress[0].toFuture"])
        #expect(first.diagnostics.allSatisfy { $0.severity == .error && $0.object == "NetworkPolicy x/p" })
        guard case .networkPolicy(let read) = consumer.view.objects[policy] else {
            Issue.record("no policy")
            return
        }
        #expect(read.isolates.contains(.egress) && read.rules.isEmpty)
        try await eventually("a watch is open") { server.openWatches == 1 }
        let other = ObjectReference(.networkPolicy, "x", "q")
        server.update { $0.set(other, at: path, label: 1) }
        try await eventually("a second object has come") { consumer.view.objects.count == 2 }
        #expect(consumer.view.batches.last?.diagnostics == first.diagnostics)
        server.update { $0.remove(policy, at: path) }
        try await eventually("the object is gone") { consumer.view.objects.count == 1 }
        #expect(consumer.view.batches.last?.diagnostics == [])
        source.stop()
    }

    @Test("A line that is too long ends the watch, and the list still tells")
    func longLine() async throws {
        let server = SimulatedServer()
        server.update { $0.set(pod("a"), at: podPath, label: 0) }
        let source = makeSource(server, longestLine: 2000)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("a watch is open") { server.openWatches == 1 }
        for _ in 0..<3 { server.say(String(repeating: "x", count: 1500), at: podPath) }
        try await eventually("the watch has ended") { server.requests.count > 2 }
        server.update { $0.set(pod("a"), at: podPath, label: 7) }
        try await eventually("the change has come") { consumer.labels == ["a": "7"] }
        source.stop()
    }

    @Test("What is asked of the server")
    func requests() async throws {
        let server = SimulatedServer()
        server.update { store in for name in ["a", "b", "c", "d"] { store.set(pod(name), at: podPath, label: 0) } }
        let source = makeSource(server)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("a watch is open") { server.openWatches == 1 }
        let requests = server.requests
        try #require(requests.count == 3)
        #expect(requests[0]["limit"] == "3" && requests[0]["resourceVersion"] == nil)
        #expect(requests[1]["continue"] == "1:3" && requests[1]["limit"] == "3")
        #expect(requests[2]["watch"] == "true" && requests[2]["allowWatchBookmarks"] == "true")
        #expect(requests[2]["resourceVersion"] == "104" && requests[2].silence == .seconds(100))
        #expect((300...600).contains(Int(try #require(requests[2]["timeoutSeconds"])) ?? 0))
        server.endWatches()
        try await eventually("the watch is resumed") { server.requests.count > 3 && server.openWatches == 1 }
        #expect(server.requests[3]["watch"] == "true")
        source.stop()
    }

    @Test("Stopping ends everything at once, also while the server is frozen")
    func stops() async throws {
        let server = SimulatedServer()
        let resources = Resource.all.filter { !$0.isOptional }
        let source = makeSource(server, resources)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("watches are open") { server.openWatches == resources.count }
        server.configure { $0.isFrozen = true }
        source.stop()
        try await eventually("the batches have ended") { consumer.view.hasEnded }
        try await eventually("no watch is open") { server.openWatches == 0 }
        let count = server.requests.count
        server.configure { $0.isFrozen = false }
        try await Task.sleep(for: .milliseconds(30))
        #expect(server.requests.count == count)
    }

    @Test("A lost server is a stale feed with what is known, and each reason is logged once")
    func staleness() async throws {
        let log = LogLines()
        let server = SimulatedServer()
        server.update { $0.set(pod("a"), at: podPath, label: 0) }
        let source = makeSource(server, logger: log.logger)
        let consumer = Consumer()
        consumer.follow(source)
        try await eventually("a watch is open") { server.openWatches == 1 }
        server.configure { $0.errors[podPath] = APIError(.unreachable, message: "connection refused") }
        server.endWatches(APIError(.cut, message: "reset"))
        try await eventually("the feed is stale") { source.condition.feeds[0].problem == "connection refused" }
        let before = server.requests.count
        try await eventually("there are retries") { server.requests.count > before + 3 }
        #expect(source.condition.feeds[0].state == .stale && source.condition.feeds[0].objects == 1)
        #expect(source.condition.isSynced && consumer.labels == ["a": "0"])
        server.configure { $0.errors[podPath] = nil }
        try await eventually("the feed is current") { source.condition.feeds[0].state == .current }
        #expect(source.condition.feeds[0].problem == nil)
        try await eventually("it is logged") { log.lines.last?.contains("followed again") == true }
        #expect(log.lines.count { $0.contains("lost pods") && $0.contains("reset") } <= 1)
        #expect(log.lines.count { $0.contains("lost pods") && $0.contains("connection refused") } == 1)
        #expect(log.lines.count <= 3)
        source.stop()
    }
}
