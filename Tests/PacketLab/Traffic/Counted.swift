import Glibc
import Synchronization

/// A count that a thread of its own keeps.
final class Counted: Sendable {
    private let count = Mutex(TrafficCount())

    var value: TrafficCount { count.withLock { $0 } }

    /// - Parameters:
    ///   - kind: what was tried, so many times.
    ///   - wrong: nil if it came out as it must.
    func note(_ kind: String, times: Int = 1, _ wrong: String?) {
        count.withLock { $0.note(kind, times: times, wrong) }
    }

    func add(wrong message: String) { count.withLock { $0.add(wrong: message) } }
}

/// Leaves the processors to what is tested.
func pauseBetweenTries() { usleep(2000) }
