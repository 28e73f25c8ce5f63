import Synchronization

/// Numbers that nobody else gets.
final class Counter: Sendable {
    private let count = Mutex(0)

    func next(from first: Int) -> Int {
        count.withLock { count in
            defer { count += 1 }
            return first + count
        }
    }
}
