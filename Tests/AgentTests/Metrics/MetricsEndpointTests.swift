import Agent
import Glibc
import PolicyModel
import PrometheusMetrics
import TestHarness
import Testing

@Suite struct MetricsEndpointTests {
    private func serving(_ routes: HTTPRoutes, _ body: (UInt16) async throws -> Void) async throws {
        let endpoint = HTTPEndpoint(ListenAddress(IPAddress("127.0.0.1")!, 0), routes: routes) { _ in }
        let port = Shared(0)
        try await alongside({ await endpoint.run { port.set($0) } }) {
            try await eventually("it listens") { port.value != 0 }
            try await body(UInt16(port.value))
        }
    }

    private let heat = MetricFamily(MetricDescription("heat", .gauge, help: "h"), .integer(3))

    @Test("Who asks for OpenMetrics gets it, everybody else Prometheus's text")
    func formats() async throws {
        let routes = HTTPRoutes.metrics { [heat] in $0.text([heat]) }
        try await serving(routes) { port in
            let url = "http://127.0.0.1:\(port)/metrics"
            func ask(_ arguments: String...) async throws -> String {
                try await Programs.run("/usr/bin/curl", ["-sS", "-w", "%{content_type}", url] + arguments).out
            }
            #expect(
                try await ask() == "# HELP heat h\n# TYPE heat gauge\nheat 3\ntext/plain; version=0.0.4; charset=utf-8")
            #expect(
                try await ask("-H", "Accept: application/openmetrics-text; version=1.0.0")
                    == "# HELP heat h\n# TYPE heat gauge\nheat 3\n# EOF\napplication/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(
                try await ask("-H", "Accept: text/html", "-H", "Accept: application/openmetrics-text")
                    .contains("# EOF"))
            #expect(try await ask("-I").contains("content-length: 39\r\n"))
            #expect(try await ask("-d", "x").contains("GET and HEAD"))
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
