import NIOHTTP1
package import PrometheusMetrics

extension HTTPRoutes {
    /// `/metrics`, in the format that is asked for. Counting takes a moment: not on the event loop.
    package static func metrics(_ scrape: @escaping @Sendable (ExpositionFormat) -> String) -> HTTPRoutes {
        HTTPRoutes([
            "/metrics": .deferred { request in
                let format = ExpositionFormat(accept: request.accept)
                var answer = HTTPAnswer(.ok, scrape(format))
                answer.contentType = format.contentType
                return answer
            }
        ])
    }
}
