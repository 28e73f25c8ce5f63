import Synchronization

/// A count that a thread of its own keeps.
final class Counted: Sendable {
    private let count = Mutex(TrafficCount())

    var value: TrafficCount { count.withLock { $0 } }

    /// - Parameter wrong: nil if the try came out as it must.
    func note(_ wrong: String?) {
        count.withLock { count in
            count.tries += 1
            if let wrong { count.add(wrong: wrong) }
        }
    }
}
