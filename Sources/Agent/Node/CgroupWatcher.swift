import AgentAPI
import Glibc
import LinuxBase
import Synchronization
import SystemPackage

/// Tells which cgroups appear and disappear, from a thread of its own.
///
/// Where inotify is not to be had for all of the tree, it says so and has the
/// tree looked at every second.
final class CgroupWatcher: Sendable {
    /// What happened since the last time.
    struct Report {
        /// In order; `unknown` where the whole tree is to be looked at.
        var changes: [TreeWatcher.Change] = []
        /// Why not all of the tree is watched, and what to do; nil if it is.
        var trouble: String?
    }

    private let root: FilePath
    private let layout: CgroupLayout
    private let wakeUp: WakeUp
    private let isStopped = Atomic(false)
    private let report = Mutex(Report())

    /// More changes than this are answered by one look at everything.
    private static let most = 10_000

    init(root: String, layout: CgroupLayout) throws(Errno) {
        self.root = FilePath(root)
        self.layout = layout
        wakeUp = try WakeUp()
    }

    /// An element says that there is a report to take. To be called once.
    func signals() throws(Errno) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try BackgroundThread.start("cgroups") { [self] in
            while !isStopped.load(ordering: .acquiring) { watch(continuation) }
            continuation.finish()
        }
        return stream
    }

    func drainReport() -> Report {
        report.withLock { report in
            defer { report.changes = [] }
            return report
        }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    /// Watches for as long as no change is lost.
    private func watch(_ signal: AsyncStream<Void>.Continuation) {
        func add(_ changes: [TreeWatcher.Change], _ trouble: String? = nil) {
            report.withLock { report in
                report.changes += changes
                if report.changes.count > Self.most { report.changes = [.unknown] }
                report.trouble = trouble
            }
            signal.yield()
        }
        do throws(Errno) {
            let start = root.string.utf8.count + 1
            var watcher = try TreeWatcher(root: root, interest: .directories) { [layout] path in
                layout.isWatched(String(decoding: path.string.utf8.dropFirst(start), as: UTF8.self))
            }
            // What happened before the watches were there.
            if watcher.shortfall == nil { add([.unknown]) }
            while watcher.shortfall == nil {
                let changes = try watcher.wait(milliseconds: nil, wakeUp: wakeUp)
                if isStopped.load(ordering: .acquiring) { return }
                if !changes.isEmpty { add(changes) }
                // What appeared while changes were lost is not watched.
                if changes.contains(.unknown) || !watcher.watchesRoot { return }
            }
            if let error = watcher.shortfall { throw error }
        } catch {
            add([.unknown], Self.advice(error))
            waitASecond()
        }
    }

    private func waitASecond() {
        var polled = [pollfd(fd: wakeUp.rawDescriptor, events: Int16(POLLIN), revents: 0)]
        _ = poll(&polled, 1, 1_000)
    }

    /// C: `inotify_init1(2)`, `inotify_add_watch(2)`, section ERRORS.
    static func advice(_ error: Errno) -> String {
        let remedy =
            switch error {
            case .noSpace: "; raise the sysctl fs.inotify.max_user_watches"
            case .tooManyOpenFiles:
                "; raise the sysctl fs.inotify.max_user_instances, or the agent's limit of open files"
            default: ""
            }
        return "inotify cannot watch all cgroups, which are looked at every second instead: \(error)\(remedy)"
    }
}
