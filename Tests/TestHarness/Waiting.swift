import Glibc

/// An error that ends a test.
public struct Unexpected: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Waits until a condition holds.
///
/// - Parameters:
///   - what: the condition in words, for the error.
///   - limit: how long to wait.
///   - pause: the time between two looks.
///   - state: what the error adds.
///   - isHopeless: ends the wait early, for instance because the program that is waited for has ended.
/// - Throws: `Unexpected` if the condition does not hold in time.
public func eventually(
    _ what: String, within limit: Duration = .seconds(20), every pause: Duration = .milliseconds(5),
    describing state: () -> String = { "" }, unless isHopeless: () -> Bool = { false },
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline, !isHopeless() else { throw timedOut(what, state()) }
        try await Task.sleep(for: pause)
    }
}

/// The same, on a thread that may block.
public func blockUntil(
    _ what: String, within limit: Duration = .seconds(20), every pause: Duration = .milliseconds(1),
    describing state: () -> String = { "" }, unless isHopeless: () -> Bool = { false },
    _ condition: () throws -> Bool
) throws {
    _ = try firstValue(what, within: limit, every: pause, describing: state, unless: isHopeless) {
        try condition() ? true : nil
    }
}

/// Waits for a value, and returns it.
///
/// - Throws: `Unexpected` if there is none in time.
public func firstValue<Value>(
    _ what: String, within limit: Duration = .seconds(20), every pause: Duration = .milliseconds(1),
    describing state: () -> String = { "" }, unless isHopeless: () -> Bool = { false },
    _ value: () throws -> Value?
) throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try value() { return value }
        guard ContinuousClock.now < deadline, !isHopeless() else { throw timedOut(what, state()) }
        usleep(UInt32(pause / .microseconds(1)))
    }
}

private func timedOut(_ what: String, _ state: String) -> Unexpected {
    Unexpected("waited in vain until \(what)\n\(state)")
}
