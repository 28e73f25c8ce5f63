/// What sockperf's ping-pong writes with `--full-log`: every request.
public struct SockperfLog: Sendable {
    /// Seconds of CLOCK_MONOTONIC at which an answer came, ascending; the tool must have `--no-rdtsc`.
    public private(set) var received: [Double] = []
    /// Microseconds that it took.
    public private(set) var roundTrips: [Double] = []

    /// - Parameter text: lines such as `0, 5963.908494786, 5963.908577661, 82.875`, sent, received and round trip,
    ///   after others that do not begin with a number.
    public init(_ text: String) {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let first = line.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { continue }
            let fields = line.split(separator: UInt8(ascii: ","))
            guard fields.count >= 3, let sent = Self.seconds(fields[1]), let received = Self.seconds(fields[2])
            else { continue }
            self.received.append(received)
            roundTrips.append((received - sent) * 1e6)
        }
    }

    /// What came in a stretch of time.
    ///
    /// - Returns: nil if nothing did, or the log does not reach so far.
    public func figures(from begin: Double, to end: Double) -> SockperfOutput? {
        guard let first = received.first, let last = received.last, first <= begin, end <= last else { return nil }
        let range = place(of: begin)..<place(of: end)
        guard !range.isEmpty else { return nil }
        let times = Array(roundTrips[range])
        return SockperfOutput(
            rate: Double(range.count) / (end - begin), median: times.median, tail: times.quantile(0.99))
    }

    /// How many answers came before that.
    private func place(of time: Double) -> Int {
        var (low, high) = (0, received.count)
        while low < high {
            let middle = (low + high) / 2
            if received[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func seconds(_ field: Substring.UTF8View) -> Double? {
        Double(Substring(field.drop { $0 == UInt8(ascii: " ") }))
    }
}
