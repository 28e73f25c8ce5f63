import PolicyModel
import PrometheusMetrics

/// How the source of objects stands, by what is fetched by itself.
struct SourceMetrics {
    let condition: SourceCondition
    /// In seconds since 1970.
    let now: Int

    var families: [MetricFamily] {
        let feeds = condition.feeds
        let states = feeds.flatMap { feed in
            SourceCondition.Feed.State.allCases.map { state in
                MetricFamily.Metric(
                    ["feed": feed.name, "state": state.rawValue], .integer(feed.state == state ? 1 : 0))
            }
        }
        return [
            MetricFamily(Metrics.watchState, states),
            MetricFamily(
                Metrics.watchStaleness,
                feeds.compactMap { feed in
                    feed.staleness(at: now).map { .init(["feed": feed.name], .integer(UInt64($0))) }
                }),
            MetricFamily(
                Metrics.watchObjects, feeds.map { .init(["feed": $0.name], .integer(UInt64($0.objects))) }),
        ]
    }
}

extension SourceCondition.Feed {
    /// For how many seconds what is known may be out of date; nil where nothing is known, or nothing is
    /// to be known.
    fileprivate func staleness(at now: Int) -> Int? {
        switch state {
        case .current: 0
        case .stale: lastContact.map { max(0, now - $0) }
        case .waiting, .notServed: nil
        }
    }
}
