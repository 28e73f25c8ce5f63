/// The two text formats that Prometheus reads.
public enum ExpositionFormat: Hashable, Sendable, CaseIterable {
    /// https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4.
    case prometheus
    /// https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md, 1.0.0.
    case openMetrics

    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a request prefers; Prometheus's where it says nothing of either.
    ///
    /// - Parameter accept: the value of the header Accept (RFC 9110, section 12.5.1).
    public init(accept: String) {
        var best: (format: Self, quality: Double)?
        for range in accept.split(separator: ",") {
            guard let (format, quality) = Self.preference(range), quality > best?.quality ?? 0 else { continue }
            best = (format, quality)
        }
        self = best?.format ?? .prometheus
    }

    /// What one media range asks for; nil if nothing that there is.
    private static func preference(_ range: Substring) -> (Self, Double)? {
        let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
        var quality = 1.0
        var version: Substring?
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            if pair[0] == "q" { quality = Double(pair[1]) ?? 0 }
            if pair[0] == "version" { version = pair[1] }
        }
        switch parts.first {
        case "application/openmetrics-text" where version == nil || version == "1.0.0":
            return (.openMetrics, quality)
        case "text/plain" where version == nil || version == "0.0.4", "text/*", "*/*":
            return (.prometheus, quality)
        default: return nil
        }
    }
}
