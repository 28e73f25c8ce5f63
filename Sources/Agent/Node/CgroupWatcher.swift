import Glibc
import ManifestSource
import Synchronization
import SystemPackage

/// Tells when cgroups appear or disappear, from a thread of its own.
final class CgroupWatcher: Sendable {
    private let root: FilePath
    private let wakeUp: WakeUp
    private let isStopped = Atomic(false)

    init(root: String) throws(Errno) {
        self.root = FilePath(root)
        wakeUp = try WakeUp()
    }

    /// Something has changed since the last time; several changes may be one
    /// element. To be called once.
    func changes() throws(Errno) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try BackgroundThread.start("cgroups") { [self] in
            while !isStopped.load(ordering: .acquiring) {
                guard var watcher = try? TreeWatcher(root: root, interest: .directories) else {
                    // No inotify: look every second.
                    var polled = [pollfd(fd: wakeUp.rawDescriptor, events: Int16(POLLIN), revents: 0)]
                    _ = poll(&polled, 1, 1_000)
                    continuation.yield()
                    continue
                }
                continuation.yield()
                while !isStopped.load(ordering: .acquiring), watcher.watchesRoot {
                    guard let changes = try? watcher.wait(milliseconds: nil, wakeUp: wakeUp) else { break }
                    if !changes.isEmpty { continuation.yield() }
                }
            }
            continuation.finish()
        }
        return stream
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        wakeUp.signal()
    }
}
