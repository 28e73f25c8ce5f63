import Agent
import AgentAPI
import KubernetesClient
import PolicyModel
import Synchronization
import TestHarness
import Testing

@Suite struct EventReporterTests {
    let reports = Reports()

    func denial(_ pod: String = "web", to destination: String = "10.0.0.7:5432 TCP") -> Denial {
        Denial(
            pod: NamespacedName("shop", pod), uid: "uid-\(pod)", .egressDenied, destination: destination,
            cause: "isolated by policy shop/out; none of its rules allows it")
    }

    func reporter(
        _ api: FakeAPI, limits: EventAggregator.Limits = EventAggregator.Limits(),
        _ change: (inout EventReporter.Intervals) -> Void = { _ in }
    ) -> EventReporter {
        var rhythm = EventReporter.Intervals()
        rhythm.tick = .milliseconds(2)
        rhythm.firstRetry = .milliseconds(1)
        rhythm.longestRetry = .milliseconds(4)
        rhythm.forbidden = .milliseconds(20)
        change(&rhythm)
        return EventReporter(api, node: "n1", rhythm: rhythm, limits: limits, report: reports.hear)
    }

    struct Sent: Decodable {
        var count: Int
    }

    @Test("a denial and a broken policy arrive at the API server")
    func arrival() async throws {
        let api = FakeAPI()
        let reporter = reporter(api)
        try await alongside(reporter.run) {
            reporter.report(denial())
            reporter.report(
                [
                    Diagnostic(
                        .error, reference: ObjectReference(.networkPolicy, "shop", "out"), field: "spec",
                        "is wrong")
                ], namespaces: ["shop"])
            try await eventually("both were sent") { api.requests.count == 2 }
            #expect(api.requests.allSatisfy { $0.method == .post && $0.path == "/api/v1/namespaces/shop/events" })
            #expect(
                api.requests.contains { $0.text.contains("EgressDenied") && $0.text.contains("\"uid\":\"uid-web\"") })
            #expect(api.requests.contains { $0.text.contains("PolicyNotUnderstood") })
        }
        #expect(reports.all.isEmpty && reporter.dropped == 0)
    }

    @Test("ten thousand denials a second become a handful of requests, with none of them lost from the count")
    func flood() async throws {
        let api = FakeAPI()
        var limits = EventAggregator.Limits()
        limits.firstPause = .milliseconds(100)
        limits.podInterval = .milliseconds(1)
        let reporter = reporter(api, limits: limits)
        try await alongside(reporter.run) {
            for _ in 0..<10_000 { reporter.report(denial()) }
            try await eventually("the repeats were told") {
                try api.requests.last?.json(Sent.self).count == 10_000
            }
            #expect(api.requests.count < 30, "\(api.requests.count) requests")
            #expect(api.requests.first?.method == .post && api.requests.last?.method == .patch)
        }
    }

    @Test("while the API server is away the queue is bounded, drops are counted, and nobody waits")
    func away() async throws {
        let api = FakeAPI { _ in .error(APIError(.unreachable, message: "connection refused")) }
        var limits = EventAggregator.Limits()
        limits.nodeBurst = 5000
        let reporter = reporter(api, limits: limits) { $0.attempts = 1000 }
        try await alongside(reporter.run) {
            for number in 0..<1000 { reporter.report(denial("p\(number)")) }
            try await eventually("most were dropped, several attempts were made") {
                reporter.dropped >= 744 - 1 && api.requests.count > 5
            }
            #expect(reporter.dropped < 760)
            api.answer { _ in .ok("{}") }
            try await eventually("the youngest arrive") { api.requests.contains { $0.text.contains("\"p999\"") } }
        }
        #expect(reports.all.isEmpty, "that the server is away is the source's to say")
    }

    @Test("an Event that the server fails to take again and again makes way")
    func poison() async throws {
        let api = FakeAPI { $0.text.contains("\"bad\"") ? .status(500) : .ok("{}") }
        let reporter = reporter(api) { $0.attempts = 3 }
        reporter.report(denial("bad"))
        reporter.report(denial("good"))
        try await alongside(reporter.run) {
            try await eventually("the other arrives") { api.requests.contains { $0.text.contains("\"good\"") } }
        }
        #expect(api.requests.count { $0.text.contains("\"bad\"") } == 3)
        #expect(reporter.dropped == 1)
    }

    @Test("an Event that has expired is made again, with its count")
    func expired() async throws {
        let api = FakeAPI { $0.method == .patch ? .status(404) : .ok("{}") }
        var limits = EventAggregator.Limits()
        limits.firstPause = .milliseconds(1)
        let reporter = reporter(api, limits: limits)
        try await alongside(reporter.run) {
            reporter.report(denial())
            try await eventually("it was made") { api.requests.count == 1 }
            reporter.report(denial(), count: 4)
            try await eventually("it was made again") { api.requests.count == 3 }
        }
        #expect(api.requests.map(\.method) == [.post, .patch, .post])
        #expect(try api.requests[2].json(Sent.self).count == 5)
        #expect(reporter.dropped == 0)
    }

    @Test("one that another node has made is left at that")
    func alreadyThere() async throws {
        let api = FakeAPI { _ in .status(409) }
        let reporter = reporter(api)
        try await alongside(reporter.run) {
            reporter.report(denial("a"))
            reporter.report(denial("b"))
            try await eventually("both were tried") { api.requests.count == 2 }
            try await Task.sleep(for: .milliseconds(30))
        }
        #expect(api.requests.count == 2 && reporter.dropped == 0)
    }

    @Test("a missing permission is told once, and when it is there again")
    func forbidden() async throws {
        let api = FakeAPI { _ in .status(403, "events is forbidden: User x cannot create") }
        let reporter = reporter(api)
        try await alongside(reporter.run) {
            for number in 0..<5 { reporter.report(denial("p\(number)")) }
            try await eventually("it was tried again") { api.requests.count >= 3 }
            api.answer { _ in .ok("{}") }
            try await eventually("all is well") { reports.all.count == 2 }
        }
        #expect(reports.all[0]?.contains("create and patch on events") == true)
        #expect(reports.all[0]?.contains("cannot create") == true && reports.all[1] == nil)
    }

    @Test("after a refusal it stays quiet for a while")
    func quiet() async throws {
        let api = FakeAPI { _ in .status(403) }
        let reporter = reporter(api) { $0.forbidden = .seconds(1000) }
        try await alongside(reporter.run) {
            for number in 0..<5 { reporter.report(denial("p\(number)")) }
            try await eventually("it was told") { !reports.all.isEmpty }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(api.requests.count == 1)
    }

    @Test("Retry-After is heeded")
    func retryAfter() async throws {
        let api = FakeAPI { _ in .status(429, retryAfter: .seconds(1000)) }
        let reporter = reporter(api) { $0.longestRetry = .seconds(1000) }
        try await alongside(reporter.run) {
            reporter.report(denial())
            try await eventually("it was tried") { api.requests.count == 1 }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(api.requests.count == 1)
    }

    @Test("it ends at once when cancelled, though the API server hangs", .timeLimit(.minutes(1)))
    func hanging() async throws {
        let api = FakeAPI { _ in .never }
        let reporter = reporter(api)
        try await alongside(reporter.run) {
            reporter.report(denial())
            try await eventually("it was asked") { api.requests.count == 1 }
        }
        #expect(api.requests.count == 1)
    }
}
