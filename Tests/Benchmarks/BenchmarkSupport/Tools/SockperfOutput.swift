/// What sockperf's ping-pong says at its end.
public struct SockperfOutput: Sendable {
    /// Requests and responses a second.
    public var rate: Double
    /// Round trips in microseconds.
    public var median: Double
    public var tail: Double

    init(rate: Double, median: Double, tail: Double) {
        self.rate = rate
        self.median = median
        self.tail = tail
    }

    /// - Parameter text: with `--full-rtt`. Three lines of it count: `[Valid Duration] RunTime=0.550 sec; …
    ///   ReceivedMessages=8472`, and those of the percentiles 50 and 99.
    /// - Returns: nil if one of them is not there, or nothing was received.
    public init?(_ text: String) {
        func number(after mark: String, onLineWith word: String) -> Double? {
            for line in text.split(separator: "\n") where line.contains(word) {
                guard let found = line.firstRange(of: mark) else { continue }
                return Double(line[found.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." })
            }
            return nil
        }
        guard let seconds = number(after: "RunTime=", onLineWith: "[Valid Duration]"), seconds > 0,
            let received = number(after: "ReceivedMessages=", onLineWith: "[Valid Duration]"), received > 0,
            let median = number(after: "=", onLineWith: "percentile 50.000"),
            let tail = number(after: "=", onLineWith: "percentile 99.000")
        else { return nil }
        rate = received / seconds
        self.median = median
        self.tail = tail
    }
}
