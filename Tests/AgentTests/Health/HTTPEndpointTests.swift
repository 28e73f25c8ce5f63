import Agent
import AgentAPI
import AgentConfiguration
import Glibc
import PolicyModel
import Synchronization
import TestHarness
import Testing

@Suite struct HTTPEndpointTests {
    let readiness = Shared(Readiness())
    let reports = Reports()

    /// Serves while the body runs; the body gets the port.
    func serving(
        _ address: String = "127.0.0.1", heartLimit: Duration = .seconds(60),
        limits change: (inout HTTPEndpoint.Limits) -> Void = { _ in }, _ body: (UInt16) async throws -> Void
    ) async throws {
        var limits = HTTPEndpoint.Limits()
        change(&limits)
        let routes = HTTPRoutes.health(Heartbeat(limit: heartLimit) {}) { [readiness] in readiness.value }
        let endpoint = HTTPEndpoint(
            .address(ListenAddress(IPAddress(address)!, 0)), routes: routes, limits: limits, report: reports.hear)
        let port = Shared(0)
        try await alongside({ await endpoint.run { port.set($0) } }) {
            try await eventually("it listens", describing: { "\(reports.all)" }) { port.value != 0 }
            try await body(UInt16(port.value))
        }
    }

    func curl(_ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("/usr/bin/curl", ["-sS", "--max-time", "20"] + arguments)
    }

    @Test("probes get 200 or 503, and the reasons in words", arguments: ["127.0.0.1", "::1"])
    func probes(_ address: String) async throws {
        try await serving(address) { port in
            let base = "http://\(address == "::1" ? "[::1]" : address):\(port)"
            let code = "%{http_code}"
            #expect(try await curl("-w", code, "\(base)/healthz").out == "ok\n200")
            #expect(
                try await curl("-w", code, "\(base)/readyz").out
                    == "synced: not yet\nattached: not yet\nverified: not yet\nrunning: not yet\n503")
            readiness.change {
                $0[.synced] = nil; $0[.attached] = nil; $0[.running] = nil
            }
            #expect(
                try await curl("-w", code, "\(base)/readyz?verbose").out
                    == "[+]synced ok\n[+]attached ok\n[-]verified failed: not yet\n[+]running ok\nreadyz check failed\n503"
            )
            readiness.change { $0[.verified] = nil }
            #expect(try await curl("-w", code, "\(base)/readyz").out == "ok\n200")
            #expect(try await curl("-w", code, "\(base)/metrics").out == "there are /healthz, /readyz\n404")
            #expect(try await curl("-w", code, "-d", "x", "\(base)/healthz").out.hasSuffix("405"))
            let head = try await curl("-I", "\(base)/readyz").out
            #expect(head.hasPrefix("HTTP/1.1 200 OK") && head.contains("content-length: 3"))
        }
        #expect(reports.all == [nil])
    }

    @Test("an agent that hangs is not healthy")
    func hanging() async throws {
        try await serving(heartLimit: .zero) { port in
            let answer = try await curl("-w", "%{http_code}", "http://127.0.0.1:\(port)/healthz").out
            #expect(answer.hasPrefix("the agent has not answered for ") && answer.hasSuffix("503"))
        }
    }

    @Test("a connection serves many requests, also sent at once")
    func keepAlive() async throws {
        try await serving { port in
            let both = try await curl(
                "-w", " %{num_connects};", "http://127.0.0.1:\(port)/healthz", "http://127.0.0.1:\(port)/healthz")
            #expect(both.out == "ok\n 1;ok\n 0;")
            let client = try PlainClient(port)
            client.write(String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
            try await eventually("all are answered") { client.read().components("HTTP/1.1 200 OK") == 5 }
            client.write("GET /healthz HTTP/1.0\r\n\r\n")
            try await eventually("the old protocol ends it") {
                _ = client.read(); return client.isClosed
            }
        }
    }

    @Test(
        "who sends too much is cut off",
        arguments: [
            "GET /healthz HTTP/1.1\r\nA: " + String(repeating: "a", count: 40_000),
            "GET /healthz HTTP/1.1\r\n" + String(repeating: "A: aaaaaaa\r\n", count: 4_000),
            "GET /healthz HTTP/1.1\r\n"
                + String(repeating: "A: \(String(repeating: "a", count: 1000))\r\n", count: 60) + "\r\n",
            "GET /" + String(repeating: "a", count: 400_000),
            "POST /healthz HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "a", count: 100_000),
            "no HTTP at all\r\n\r\n",
        ])
    func tooMuch(_ text: String) async throws {
        try await serving { port in
            let client = try PlainClient(port)
            client.write(text)
            try await eventually("it is closed", describing: { client.read() }) {
                _ = client.read(); return client.isClosed
            }
            #expect(!client.read().contains("HTTP/1.1 200"))
            #expect(try await curl("http://127.0.0.1:\(port)/healthz").out == "ok\n", "others are served")
        }
    }

    @Test(
        "who is slow or idle is cut off", arguments: ["", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\n\r\n"])
    func slow(_ text: String) async throws {
        try await serving(limits: { $0.patience = .milliseconds(200) }) { port in
            let client = try PlainClient(port)
            client.write(text)
            try await eventually("it is closed") {
                // A byte now and then does not help.
                if !text.isEmpty && !text.hasSuffix("\r\n\r\n") { client.write("a") }
                _ = client.read()
                return client.isClosed
            }
        }
    }

    @Test("who holds connections open keeps nobody out")
    func crowd() async throws {
        try await serving(limits: { $0.connections = 4 }) { port in
            var crowd: [PlainClient] = []
            for _ in 0..<50 { crowd.append(try PlainClient(port)) }
            #expect(try await curl("http://127.0.0.1:\(port)/healthz").out == "ok\n")
            try await eventually("the oldest were closed") {
                crowd.count { client in
                    _ = client.read()
                    return client.isClosed
                } >= 46
            }
        }
    }

    @Test("a port that is taken is complained of and tried again")
    func taken() async throws {
        let holder = try PlainClient(listening: ())
        var limits = HTTPEndpoint.Limits()
        limits.retry = .milliseconds(20)
        let endpoint = HTTPEndpoint(
            .address(ListenAddress(IPAddress("127.0.0.1")!, holder.port)), routes: HTTPRoutes(), limits: limits,
            report: reports.hear)
        try await alongside({ await endpoint.run() }) {
            try await eventually("it complains") { reports.all.count > 1 }
            #expect(reports.all[0]?.contains("127.0.0.1:\(holder.port) cannot be listened on") == true)
            holder.close()
            try await eventually("it listens") { reports.all.last == .some(nil) }
            #expect(try await curl("-w", "%{http_code}", "http://127.0.0.1:\(holder.port)/").out.hasSuffix("404"))
        }
    }

    @Test("the end closes the port and every connection", .timeLimit(.minutes(1)))
    func end() async throws {
        let client = Shared<PlainClient?>(nil)
        try await serving { port in
            client.set(try PlainClient(port))
            client.value?.write("GET /healthz HTTP/1.1\r\n\r\n")
            try await eventually("it is answered") { client.value?.read().contains("200 OK") == true }
        }
        try await eventually("it is closed") {
            _ = client.value?.read(); return client.value?.isClosed == true
        }
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.firstRange(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
