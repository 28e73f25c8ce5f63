/// What came of traffic that ran while a test changed things.
public struct TrafficCount: Sendable {
    /// How often it was tried.
    public var tries = 0
    /// How often it came out as it never may.
    public var wrong = 0
    /// What went wrong first, with the try's number.
    public var firstWrong: String?

    mutating func add(wrong message: String) {
        wrong += 1
        if firstWrong == nil { firstWrong = "\(message) (try \(tries))" }
    }
}
