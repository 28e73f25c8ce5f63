public import SystemPackage

/// Watches a directory and everything below it, also what is made later.
///
/// inotify watches single directories: a directory that appears is given a
/// watch and then listed, so that what was made in it before the watch is told
/// of too (some twice).
public struct TreeWatcher: ~Copyable {
    public enum Change: Hashable, Sendable {
        case directoryAppeared(FilePath)
        case directoryDisappeared(FilePath)
        /// A file was made, written, replaced, removed, or is to be looked at.
        case fileChanged(FilePath)
        /// Changes were lost, or a directory could not be watched: look at
        /// everything again.
        case unknown
    }

    /// What to tell of.
    public enum Interest: Sendable {
        case filesAndDirectories
        /// For cgroup trees, whose files change all the time.
        case directories
    }

    public let root: FilePath
    private let interest: Interest
    private let follows: (FilePath) -> Bool
    private let inotify: Inotify
    private var watches: [Int32: FilePath] = [:]
    private var numbers: [FilePath: Int32] = [:]
    private var changes: [Change] = []
    /// Why a directory is not watched that should be, most likely `noSpace`:
    /// fs.inotify.max_user_watches is used up. Nil if all are.
    public private(set) var shortfall: Errno?

    /// - Parameter follows: whether a directory's own entries matter; what is in
    ///   others is neither watched nor listed.
    /// - Throws: `Errno` if inotify is not to be had or the root is not a
    ///   directory that can be watched.
    public init(
        root: FilePath, interest: Interest, follows: @escaping (FilePath) -> Bool = { _ in true }
    ) throws(Errno) {
        let inotify = try Inotify()
        let number = try inotify.add(root, Self.events(interest))
        self.root = root
        self.interest = interest
        self.follows = follows
        self.inotify = inotify
        watches[number] = root
        numbers[root] = number
        watchEntries(of: root, depth: 0)
        changes = []
    }

    /// Waits for changes.
    ///
    /// - Parameter milliseconds: how long to wait; nil for ever.
    /// - Returns: what happened, in order; empty after the time or a wake-up.
    public mutating func wait(
        milliseconds: Int?, wakeUp: borrowing WakeUp
    ) throws(Errno) -> [Change] {
        for event in try inotify.wait(milliseconds: milliseconds, wakeUp: wakeUp) { handle(event) }
        defer { changes = [] }
        return changes
    }

    /// Whether the root is still watched; once it is not, make a new watcher.
    public var watchesRoot: Bool { numbers[root] != nil }

    /// The directories that are watched now.
    public var directories: some Collection<FilePath> { watches.values }

    private mutating func handle(_ event: Inotify.Event) {
        if event.events.contains(.overflow) {
            changes.append(.unknown)
            return
        }
        guard let directory = watches[event.watch] else { return }
        if !event.events.isDisjoint(with: [.ignored, .deletedSelf]) {
            forget(directory)
            if directory == root { changes.append(.unknown) }
            return
        }
        // A move below the root is told of by the parents' events too.
        if event.events.contains(.movedSelf) {
            if directory == root {
                forgetTree(root)
                changes.append(.unknown)
            }
            return
        }
        guard !event.name.isEmpty else { return }
        let path = directory.appending(event.name)
        guard event.events.contains(.isDirectory) else {
            if interest == .filesAndDirectories { changes.append(.fileChanged(path)) }
            return
        }
        if event.events.contains(.deleted) {
            // It was empty, so nothing below it is watched.
            forget(path)
            changes.append(.directoryDisappeared(path))
        } else if event.events.contains(.movedFrom) {
            forgetTree(path)
            changes.append(.directoryDisappeared(path))
        } else if !event.events.isDisjoint(with: [.created, .movedTo]) {
            watch(path, depth: 0)
        }
    }

    private mutating func watch(_ path: FilePath, depth: Int) {
        guard follows(path) else {
            changes.append(.directoryAppeared(path))
            return
        }
        do {
            let number = try inotify.add(path, Self.events(interest))
            // One directory has one number: seen under another name, it was moved.
            if let other = watches[number], other != path { numbers[other] = nil }
            watches[number] = path
            numbers[path] = number
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch {
            shortfall = error
            changes.append(.unknown)
        }
        changes.append(.directoryAppeared(path))
        watchEntries(of: path, depth: depth)
    }

    private mutating func watchEntries(of path: FilePath, depth: Int) {
        guard depth < 64, let entries = try? FileSystem.entries(of: path) else { return }
        for entry in entries {
            let below = path.appending(entry.name)
            if entry.isDirectory {
                watch(below, depth: depth + 1)
            } else if interest == .filesAndDirectories {
                changes.append(.fileChanged(below))
            }
        }
    }

    private mutating func forget(_ path: FilePath) {
        if let number = numbers.removeValue(forKey: path) { watches[number] = nil }
    }

    /// A directory that was moved away takes the watches below it along.
    private mutating func forgetTree(_ path: FilePath) {
        for (number, watched) in watches where watched.starts(with: path) {
            watches[number] = nil
            numbers[watched] = nil
            inotify.remove(number)
        }
    }

    private static func events(_ interest: Interest) -> Inotify.Events {
        let always: Inotify.Events = [
            .created, .deleted, .movedFrom, .movedTo, .deletedSelf, .movedSelf, .onlyDirectories,
        ]
        return switch interest {
        case .directories: always
        case .filesAndDirectories:
            always.union([.modified, .attributes, .closedAfterWriting, .excludeUnlinked])
        }
    }
}
