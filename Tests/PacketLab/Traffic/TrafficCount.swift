/// What came of traffic that ran while a test changed things.
public struct TrafficCount: Sendable {
    public init() {}

    /// How often it was tried.
    public var tries = 0
    /// The same by what was tried.
    public var kinds: [String: Int] = [:]
    /// How often it came out as it never may.
    public var wrong = 0
    /// What went wrong first, with the try's number.
    public var firstWrong: String?

    /// - Parameters:
    ///   - kind: what was tried, so many times.
    ///   - wrong: nil if it came out as it must.
    public mutating func note(_ kind: String, times: Int = 1, _ wrong: String?) {
        tries += times
        kinds[kind, default: 0] += times
        if let wrong { add(wrong: wrong) }
    }

    mutating func add(wrong message: String) {
        wrong += 1
        if firstWrong == nil { firstWrong = "\(message) (try \(tries))" }
    }

    /// Adds what came of other traffic.
    public mutating func add(_ other: TrafficCount) {
        tries += other.tries
        kinds.merge(other.kinds) { $0 + $1 }
        wrong += other.wrong
        if firstWrong == nil { firstWrong = other.firstWrong }
    }
}
