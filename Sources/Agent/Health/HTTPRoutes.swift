package import NIOHTTP1

/// What a path answers.
package struct HTTPAnswer: Hashable, Sendable {
    package var status: HTTPResponseStatus
    package var contentType = "text/plain; charset=utf-8"
    package var body: String

    package init(_ status: HTTPResponseStatus, _ body: String) {
        self.status = status
        self.body = body
    }
}

/// The table of paths. A row answers at once from what is known: it runs on an
/// event loop and must not wait.
package struct HTTPRoutes: Sendable {
    /// Gets the words of the query, for instance `verbose` of `?verbose`.
    package typealias Row = @Sendable (_ query: [Substring]) -> HTTPAnswer

    package var rows: [String: Row]

    package init(_ rows: [String: Row] = [:]) { self.rows = rows }

    package func answer(to method: HTTPMethod, _ uri: String) -> HTTPAnswer {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let row = rows[String(path)] else {
            return HTTPAnswer(.notFound, "there are \(rows.keys.sorted().joined(separator: ", "))\n")
        }
        guard method == .GET || method == .HEAD else {
            return HTTPAnswer(.methodNotAllowed, "GET and HEAD are answered\n")
        }
        return row(parts.count > 1 ? parts[1].split(separator: "&") : [])
    }
}

extension HTTPRoutes {
    /// `/healthz`: the process makes progress. `/readyz`: the node is enforced.
    package static func health(
        _ heartbeat: Heartbeat, readiness: @escaping @Sendable () -> Readiness
    ) -> HTTPRoutes {
        HTTPRoutes([
            "/healthz": { _ in
                heartbeat.complaint().map { HTTPAnswer(.serviceUnavailable, $0 + "\n") }
                    ?? HTTPAnswer(.ok, "ok\n")
            },
            "/readyz": { query in
                let readiness = readiness()
                let isVerbose = query.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
                return HTTPAnswer(
                    readiness.isReady ? .ok : .serviceUnavailable,
                    isVerbose ? readiness.verbose : readiness.summary)
            },
        ])
    }
}
