import KubernetesClient
import KubernetesSource
import PolicyModel
import Synchronization
import TestHarness
import Testing

@Suite struct RandomFaultTests {
    @Test("Whatever fails, nothing is lost and nothing is removed that is there", arguments: UInt64(1)...40)
    func converges(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let server = SimulatedServer(seed: seed)
        // These are never deleted.
        let lasting = Set((0..<5).map { pod("lasting-\($0)") })
        server.update { store in for one in lasting { store.set(one, at: podPath, label: 0) } }
        server.configure {
            $0.faults = 0.25
            $0.ignoresLimit = seed % 5 == 0
        }
        let source = makeSource(server, pageSize: Int(seed % 4) + 1, seed: seed)
        let consumer = Consumer()
        let violations = Mutex<[String]>([])
        consumer.follow(source) { view in
            let missing = lasting.filter { view.objects[$0] == nil }
            if !missing.isEmpty { violations.withLock { $0.append("seed \(seed): lost \(missing)") } }
        }
        for step in 1...150 {
            let one = pod("p\(Int.random(in: 0..<12, using: &random))")
            let kept = pod("lasting-\(Int.random(in: 0..<5, using: &random))")
            server.update { store in
                switch Int.random(in: 0..<10, using: &random) {
                case 0: store.compact()
                case 1...3: store.remove(one, at: podPath)
                case 4: store.set(kept, at: podPath, label: step)
                default: store.set(one, at: podPath, label: step)
                }
            }
            if random.chance(0.3) { try await Task.sleep(for: .milliseconds(1)) }
        }
        server.configure { $0.faults = 0 }
        let expected = server.update { store in
            var labels: [String: String] = [:]
            for (reference, entry) in store.list(podPath) { labels[reference.name] = "\(entry.label)" }
            return labels
        }
        try await eventually("seed \(seed): the view is the store") { consumer.labels == expected }
        #expect(consumer.labels == expected, "seed \(seed)")
        #expect(violations.withLock { $0 } == [])
        #expect(source.condition.feeds.map(\.objects) == [expected.count])
        source.stop()
    }
}
