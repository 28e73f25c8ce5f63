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

/// What of a request a row may look at.
package struct HTTPQuestion: Hashable, Sendable {
    /// The words of the query, for instance `verbose` of `?verbose`.
    package var query: [Substring]
    /// The header Accept; empty where there is none.
    package var accept: String
}

/// The table of paths.
package struct HTTPRoutes: Sendable {
    package enum Row: Sendable {
        /// Answers at once from what is known: it runs on an event loop and must not wait.
        case immediate(@Sendable (HTTPQuestion) -> HTTPAnswer)
        /// May take its time, elsewhere; the connection's further requests wait.
        case deferred(@Sendable (HTTPQuestion) async -> HTTPAnswer)
    }

    /// What comes of a request.
    package enum Outcome: Sendable {
        case answer(HTTPAnswer)
        case work(@Sendable () async -> HTTPAnswer)
    }

    package var rows: [String: Row]

    package init(_ rows: [String: Row] = [:]) { self.rows = rows }

    package func merging(_ other: HTTPRoutes) -> HTTPRoutes {
        HTTPRoutes(rows.merging(other.rows) { $1 })
    }

    package func outcome(of method: HTTPMethod, _ uri: String, accept: String = "") -> Outcome {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let row = rows[String(path)] else {
            return .answer(HTTPAnswer(.notFound, "there are \(rows.keys.sorted().joined(separator: ", "))\n"))
        }
        guard method == .GET || method == .HEAD else {
            return .answer(HTTPAnswer(.methodNotAllowed, "GET and HEAD are answered\n"))
        }
        let question = HTTPQuestion(query: parts.count > 1 ? parts[1].split(separator: "&") : [], accept: accept)
        switch row {
        case .immediate(let row): return .answer(row(question))
        case .deferred(let row): return .work { await row(question) }
        }
    }
}

extension HTTPRoutes {
    /// `/healthz`: the process makes progress. `/readyz`: the node is enforced.
    package static func health(
        _ heartbeat: Heartbeat, readiness: @escaping @Sendable () -> Readiness
    ) -> HTTPRoutes {
        HTTPRoutes([
            "/healthz": .immediate { _ in
                heartbeat.problem().map { HTTPAnswer(.serviceUnavailable, $0 + "\n") }
                    ?? HTTPAnswer(.ok, "ok\n")
            },
            "/readyz": .immediate { question in
                let readiness = readiness()
                let isVerbose = question.query.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
                return HTTPAnswer(
                    readiness.isReady ? .ok : .serviceUnavailable,
                    isVerbose ? readiness.verbose : readiness.summary)
            },
        ])
    }
}
