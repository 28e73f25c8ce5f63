import Agent
import PolicyModel
import Testing

@Suite struct EventAggregatorTests {
    let start = Moment.now

    func after(_ seconds: Double) -> Moment {
        Moment(instant: start.instant + .seconds(seconds), seconds: start.seconds + Int(seconds))
    }

    func denial(
        _ destination: String = "10.0.0.7:5432 TCP", pod: String = "web", namespace: String = "shop",
        of workload: Workload? = nil
    ) -> Denial {
        Denial(
            pod: NamespacedName(namespace, pod), uid: "uid-\(pod)", .egressDenied, destination: destination,
            cause: "isolated by policy shop/out; none of its rules allows it", workload: workload)
    }

    func aggregator(_ change: (inout EventAggregator.Limits) -> Void = { _ in }) -> EventAggregator {
        var limits = EventAggregator.Limits()
        change(&limits)
        return EventAggregator(node: "n1", limits: limits, at: start)
    }

    @Test("the first denial is told at once and whole")
    func first() throws {
        var aggregator = aggregator()
        let told = aggregator.add(denial(), count: 3, at: start)
        let write = try #require(told)
        #expect(write.isNew)
        let event = write.event
        #expect(
            event.message
                == "egress to 10.0.0.7:5432 TCP denied: isolated by policy shop/out; none of its rules allows it")
        #expect(event.reason == "EgressDenied" && event.type == .warning && event.count == 3)
        #expect(event.involvedObject == .pod(NamespacedName("shop", "web"), uid: "uid-web"))
        #expect(event.metadata.namespace == "shop" && event.metadata.name.hasPrefix("web."))
        #expect(event.source.component == "sluice" && event.source.host == "n1")
        #expect(event.reportingComponent == "sluice.dev/agent" && event.reportingInstance == "n1")
        #expect(aggregator.due(at: start).isEmpty, "there is nothing more to tell")
    }

    @Test("repeats are counted and told at growing intervals")
    func repeats() throws {
        var aggregator = aggregator()
        let first = aggregator.add(denial(), at: start)
        let name = try #require(first).event.metadata.name
        var told: [(at: Int, count: Int)] = []
        for second in 1...4000 {
            #expect(aggregator.add(denial(), at: after(Double(second))) == nil)
            for write in aggregator.due(at: after(Double(second))) {
                #expect(!write.isNew && write.event.metadata.name == name)
                told.append((second, write.event.count))
            }
        }
        #expect(told.map(\.at) == [60, 180, 420, 900, 1860, 3660])
        #expect(told.map(\.count) == [61, 181, 421, 901, 1861, 3661])
    }

    @Test("no repeat, no news")
    func silence() {
        var aggregator = aggregator()
        _ = aggregator.add(denial(), at: start)
        for second in stride(from: 1.0, to: 3599, by: 7) { #expect(aggregator.due(at: after(second)).isEmpty) }
        #expect(aggregator.count == 1)
        _ = aggregator.due(at: after(3600))
        #expect(aggregator.count == 0, "after an hour it is forgotten")
        #expect(aggregator.add(denial(), at: after(3601))?.isNew == true, "and then new again")
    }

    @Test("a pod gets three Events at once and then one a minute; the rest is counted meanwhile")
    func podRate() {
        var aggregator = aggregator()
        let others = (0..<10).map { denial("10.0.1.\($0):80 TCP") }
        let atOnce = others.enumerated().compactMap { number, other in
            aggregator.add(other, count: 2, at: after(Double(number) / 100))
        }
        #expect(atOnce.count == 3)
        var told: [Int] = []
        var messages: [String] = []
        for second in 1...600 {
            for write in aggregator.due(at: after(Double(second))) {
                #expect(write.isNew && write.event.count == 2)
                told.append(second)
                messages.append(write.event.message)
            }
        }
        #expect(told == (1...7).map { $0 * 60 })
        #expect(messages == others[3...].map(\.message), "the oldest first")
        #expect(aggregator.add(denial(pod: "other"), at: after(600)) != nil, "another pod has its own rate")
    }

    @Test("ten thousand denials a second become a few Events and little memory")
    func flood() {
        var aggregator = aggregator()
        var writes: [EventWrite] = []
        for number in 0..<200_000 {
            let now = after(Double(number) / 10_000)
            let flood = denial("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255):80 TCP")
            if let write = aggregator.add(flood, at: now) { writes.append(write) }
            if number % 10_000 == 0 { writes += aggregator.due(at: now) }
        }
        #expect(writes.count == 3)
        #expect(aggregator.count == 16)
        #expect(aggregator.add(denial(pod: "calm"), at: after(20)) != nil, "one pod's flood hides no other pod")
    }

    @Test("the node as a whole has a rate too, and nobody is forgotten for it")
    func nodeRate() {
        var aggregator = aggregator { $0.firstBurst = 0 }
        let pods = (0..<100).map { denial(pod: "p\($0)") }
        #expect(pods.compactMap { aggregator.add($0, at: start) }.count == 20)
        var told: Set<String> = []
        for second in 1...300 {
            let writes = aggregator.due(at: after(Double(second)))
            #expect(writes.count <= 1)
            told.formUnion(writes.map(\.event.involvedObject.name))
        }
        #expect(told.count == 80, "each of the others, once")
    }

    /// A Job of pods that try ten destinations each, every second.
    func crowd(_ pods: Int) -> [Denial] {
        (0..<pods).flatMap { pod in
            (0..<10).map {
                denial("169.254.169.254:\(80 + $0) TCP", pod: "job-\(pod)", of: Workload(kind: "Job", name: "job"))
            }
        }
    }

    @Test("C6: whatever a Job of 50 pods has to tell, another pod's first Event goes out within 5 s")
    func crowdOfOne() throws {
        var aggregator = aggregator()
        let victims = [
            denial(pod: "other", namespace: "bank"), denial(pod: "neighbour"),
            denial(pod: "replica", of: Workload(kind: "Deployment", name: "web")),
        ]
        var first: [String: Int] = [:]
        var told = 0
        for second in 0...300 {
            let now = after(Double(second))
            var writes = crowd(50).compactMap { aggregator.add($0, at: now) }
            // Long after the crowd has used up whatever there is.
            if second == 100 { for victim in victims { writes += aggregator.add(victim, at: now).map { [$0] } ?? [] } }
            writes += aggregator.due(at: now)
            told += writes.count
            for write in writes where first[write.event.involvedObject.name] == nil {
                first[write.event.involvedObject.name] = second
            }
        }
        for victim in victims {
            let second = try #require(first[victim.pod.name])
            #expect(second <= 105, "\(victim.pod): after \(second - 100) s")
        }
        #expect((0..<50).allSatisfy { first["job-\($0)"].map { $0 <= 5 } ?? false }, "each pod of the Job too")
        #expect(told < 300, "\(told) Events in five minutes")
        print(
            "C6: \(told) Events of 50 pods in 300 s; others' first came after "
                + victims.map { "\((first[$0.pod.name] ?? 0) - 100) s" }.joined(separator: ", "))
    }

    @Test("C6: workloads and namespaces take turns in what is left of the node's rate")
    func turns() {
        var aggregator = aggregator {
            $0.podBurst = 100
            $0.podInterval = .milliseconds(1)
        }
        let other = (0..<10).map { denial("10.0.2.\($0):80 TCP", pod: "other", namespace: "bank") }
        var writes: [EventWrite] = []
        for denial in crowd(50) { if let write = aggregator.add(denial, at: start) { writes.append(write) } }
        for denial in other { if let write = aggregator.add(denial, at: start) { writes.append(write) } }
        for second in 1...70 { writes += aggregator.due(at: after(Double(second))) }
        let count = writes.count { $0.event.involvedObject.namespace == "bank" }
        #expect(count == 10, "all that the other namespace has, beside 500 of the crowd's")
    }

    @Test("memory is bounded by pods too; of the workload with most pods the oldest leave")
    func crowdedOut() {
        var aggregator = aggregator { $0.pods = 20 }
        _ = aggregator.add(denial(pod: "calm", namespace: "bank"), at: start)
        for denial in crowd(100) { _ = aggregator.add(denial, at: after(1)) }
        #expect(aggregator.add(denial(pod: "calm", namespace: "bank"), count: 4, at: after(2)) == nil)
        let told = (60...120).flatMap { aggregator.due(at: after(Double($0))) }
        #expect(told.contains { $0.event.involvedObject.name == "calm" && !$0.isNew && $0.event.count == 5 })
    }

    @Test("memory is bounded by pods too; the oldest leave")
    func pods() {
        var aggregator = aggregator {
            $0.pods = 5
            $0.nodeBurst = 1000
        }
        for number in 0..<50 { _ = aggregator.add(denial(pod: "p\(number)"), at: after(Double(number))) }
        #expect(aggregator.count == 5)
        #expect(aggregator.add(denial(pod: "p49"), at: after(50)) == nil, "the youngest are there")
        #expect(aggregator.add(denial(pod: "p1"), at: after(1000)) != nil, "the oldest are not")
    }

    @Test("a pod of the same name with another uid is another pod")
    func uids() {
        var aggregator = aggregator()
        var reborn = denial()
        reborn.uid = "uid-2"
        let first = aggregator.add(denial(), at: start)
        let second = aggregator.add(reborn, at: start)
        #expect(second?.isNew == true && first?.event.metadata.name != second?.event.metadata.name)
    }

    @Test("a clock that steps back breaks nothing")
    func wallClock() {
        var aggregator = aggregator()
        _ = aggregator.add(denial(), at: start)
        var late = after(61)
        late.seconds = start.seconds - 86_400
        #expect(aggregator.add(denial(), at: late) == nil)
        #expect(aggregator.due(at: late).map(\.event.count) == [2])
    }
}
