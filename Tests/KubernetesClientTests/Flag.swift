import Synchronization

/// Something that becomes so once.
final class Flag: Sendable {
    private let value = Mutex(false)

    var isSo: Bool { value.withLock { $0 } }

    func raise() { value.withLock { $0 = true } }
}
