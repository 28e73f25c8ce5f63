import Glibc
public import KubernetesObjects
import LinuxBase
public import PolicyModel
import Synchronization
public import SystemPackage

/// A directory of manifests, or one file, as a source of cluster changes.
///
/// Files are watched from a thread of their own that waits on inotify (polls
/// where there is none). A file that is broken or half written leaves its last
/// good contents in force, also across restarts if a state directory is given.
public final class ManifestSource: ClusterSource {
    public struct Options: Hashable, Sendable {
        /// Below it, in `last-good/`, copies of the files are kept; nil for none.
        public var stateDirectory: FilePath?
        public var limits = TextLimits()
        /// How long the files must be quiet before they are read, in
        /// milliseconds: a change is often several writes.
        public var quiet = 20
        /// The longest that unquiet files delay reading, in milliseconds.
        public var patience = 200
        /// Time between looks at all files whatever was told, in milliseconds:
        /// inotify knows nothing of what another host writes to a network file
        /// system.
        public var rescan = 30_000
        /// The same while there is no inotify.
        public var poll = 1_000

        public init(stateDirectory: FilePath? = nil) {
            self.stateDirectory = stateDirectory
        }
    }

    private let root: FilePath
    private let options: Options
    private let scanner: Mutex<ManifestScanner>
    private let wakeUp: WakeUp
    private let isStopped = Atomic(false)

    /// - Parameter path: a directory or a file; it need not exist yet.
    /// - Throws: `Errno` if there are no file descriptors left.
    public init(path: FilePath, options: Options = Options()) throws(Errno) {
        root = path.lexicallyNormalized()
        self.options = options
        scanner = Mutex(
            ManifestScanner(root: root, stateDirectory: options.stateDirectory, limits: options.limits))
        wakeUp = try WakeUp()
    }

    /// The first element is everything, as the files have it now; it comes
    /// whatever is wrong with them, a source that is not there included: that is
    /// in its diagnostics, and the last good copies stand in.
    ///
    /// - Throws: `Errno` if no thread can be started.
    public func batches() throws(Errno) -> AsyncStream<ClusterBatch> {
        let (stream, continuation) = AsyncStream.makeStream(of: ClusterBatch.self)
        continuation.onTermination = { [weak self] _ in self?.stop() }
        try BackgroundThread.start("manifests") { [self] in
            run { continuation.yield($0) }
            continuation.finish()
        }
        return stream
    }

    /// Ends `batches`.
    public func stop() {
        isStopped.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    public var condition: SourceCondition {
        scanner.withLock { scanner in
            SourceCondition(feeds: [
                SourceCondition.Feed(
                    name: root.string, state: scanner.lastScan == nil ? .waiting : .current,
                    lastContact: scanner.lastScan, objects: scanner.objectCount)
            ])
        }
    }

    private var isRunning: Bool { !isStopped.load(ordering: .acquiring) }

    private func run(_ deliver: (ClusterBatch) -> Void) {
        scan(deliver)
        while isRunning {
            // A single file is watched through its directory: editors replace files.
            let watched = isSingleFile ? root.removingLastComponent() : root
            if var watcher = try? TreeWatcher(
                root: watched.isEmpty ? "." : watched, interest: .filesAndDirectories)
            {
                follow(&watcher, deliver)
            } else {
                scan(deliver)
                pause(milliseconds: options.poll)
            }
        }
    }

    /// Scans at each change until the watcher has lost its root.
    private func follow(_ watcher: inout TreeWatcher, _ deliver: (ClusterBatch) -> Void) {
        repeat {
            // The watch stands, so nothing is missed between this look and the next.
            scan(deliver)
            do {
                if try watcher.wait(milliseconds: options.rescan, wakeUp: wakeUp).isEmpty { continue }
                try awaitQuiet(&watcher)
            } catch {
                pause(milliseconds: options.poll)
                return
            }
        } while isRunning && watcher.watchesRoot
    }

    /// Waits until nothing happens for a while, but not for ever.
    private func awaitQuiet(_ watcher: inout TreeWatcher) throws(Errno) {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(options.patience)
        while isRunning, clock.now < deadline {
            if try watcher.wait(milliseconds: options.quiet, wakeUp: wakeUp).isEmpty { return }
        }
    }

    private func scan(_ deliver: (ClusterBatch) -> Void) {
        guard isRunning else { return }
        if let batch = scanner.withLock({ $0.scan() }) { deliver(batch) }
        scanner.withLock { $0.saveCopies() }
    }

    private var isSingleFile: Bool {
        guard let status = try? root.stat() else { return false }
        return status.type != .directory
    }

    private func pause(milliseconds: Int) {
        var polled = [pollfd(fd: wakeUp.rawDescriptor, events: Int16(POLLIN), revents: 0)]
        _ = poll(&polled, 1, Int32(clamping: milliseconds))
    }
}
