import Agent
import AgentConfiguration
import Glibc
import NIOHTTP1
import PolicyModel
import PrometheusMetrics
import TestHarness
import Testing

@Suite struct MetricsEndpointTests {
    private func serving(_ routes: HTTPRoutes, _ body: (UInt16) async throws -> Void) async throws {
        let endpoint = HTTPEndpoint(.address(ListenAddress(IPAddress("127.0.0.1")!, 0)), routes: routes) { _ in }
        let port = Shared(0)
        try await alongside({ await endpoint.run { port.set($0) } }) {
            try await eventually("it listens") { port.value != 0 }
            try await body(UInt16(port.value))
        }
    }

    private func ask(_ port: UInt16, _ arguments: String...) async throws -> String {
        let common = ["-sS", "-w", "%{content_type}", "http://127.0.0.1:\(port)/metrics"]
        return try await Programs.run("/usr/bin/curl", common + arguments).out
    }

    private let heat = MetricFamily(MetricDescription("heat", .gauge, help: "h"), .integer(3))

    @Test("Who asks for OpenMetrics gets it, everybody else Prometheus's text")
    func formats() async throws {
        let routes = HTTPRoutes.metrics { [heat] in $0.text([heat]) }
        try await serving(routes) { port in
            let plain = try await ask(port)
            #expect(plain == "# HELP heat h\n# TYPE heat gauge\nheat 3\ntext/plain; version=0.0.4; charset=utf-8")
            let open = try await ask(port, "-H", "Accept: application/openmetrics-text; version=1.0.0")
            let ending = "# EOF\napplication/openmetrics-text; version=1.0.0; charset=utf-8"
            #expect(open == "# HELP heat h\n# TYPE heat gauge\nheat 3\n" + ending)
            let second = try await ask(port, "-H", "Accept: text/html", "-H", "Accept: application/openmetrics-text")
            #expect(second.hasSuffix(ending))
            let head = try await ask(port, "-I")
            #expect(head.contains("content-length: 39\r\n"))
            let posted = try await ask(port, "-d", "x")
            #expect(posted.contains("GET and HEAD"))
        }
    }

    @Test("A slow row keeps no other connection waiting, and answers come in the order of requests")
    func deferred() async throws {
        let isOpen = Shared(false)
        let routes = HTTPRoutes([
            "/slow": .deferred { _ in
                while !isOpen.value { try? await Task.sleep(for: .milliseconds(1)) }
                return HTTPAnswer(.ok, "slow\n")
            },
            "/quick": .immediate { _ in HTTPAnswer(.ok, "quick\n") },
        ])
        try await serving(routes) { port in
            let client = try PlainClient(port)
            client.write("GET /slow HTTP/1.1\r\n\r\nGET /quick HTTP/1.1\r\n\r\n")
            let other = try await Programs.run("/usr/bin/curl", ["-sS", "http://127.0.0.1:\(port)/quick"])
            #expect(other.out == "quick\n")
            #expect(client.read().isEmpty)
            isOpen.set(true)
            try await eventually("both are answered") { client.read().contains("quick\n") }
            let text = client.read()
            #expect(text.firstRange(of: "slow\n")!.lowerBound < text.firstRange(of: "quick\n")!.lowerBound)
        }
    }

    @Test("A client that goes while its answer is made is no trouble")
    func goneClient() async throws {
        let asked = Shared(0)
        let isOpen = Shared(false)
        let routes = HTTPRoutes([
            "/slow": .deferred { _ in
                asked.change { $0 += 1 }
                while !isOpen.value { try? await Task.sleep(for: .milliseconds(1)) }
                return HTTPAnswer(.ok, "slow\n")
            }
        ])
        try await serving(routes) { port in
            let client = try PlainClient(port)
            client.write("GET /slow HTTP/1.1\r\n\r\n")
            try await eventually("it is asked") { asked.value == 1 }
            client.close()
            isOpen.set(true)
            let other = try await Programs.run("/usr/bin/curl", ["-sS", "http://127.0.0.1:\(port)/slow"])
            #expect(other.out == "slow\n")
        }
    }
}
