import LinuxBase
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct TreeWatcherTests {
    @Test("tells of directories") func tellsOfDirectories() throws {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("old")
        let wakeUp = try WakeUp()
        var watcher = try TreeWatcher(root: directory.path, interest: .directories)
        #expect(try watcher.wait(milliseconds: 0, wakeUp: wakeUp) == [])

        directory.makeDirectory("old/a")
        directory.makeDirectory("old/a/b")
        try directory.write("old/file", "x")
        var seen: Set<TreeWatcher.Change> = []
        while !seen.contains(.directoryAppeared(directory.path.appending("old/a/b"))) {
            seen.formUnion(try watcher.wait(milliseconds: 1000, wakeUp: wakeUp))
        }
        #expect(seen.contains(.directoryAppeared(directory.path.appending("old/a"))))
        #expect(seen.count == 2)
        let four = watcher.directories.count
        #expect(four == 4)

        directory.remove("old")
        while !seen.contains(.directoryDisappeared(directory.path.appending("old"))) {
            seen.formUnion(try watcher.wait(milliseconds: 1000, wakeUp: wakeUp))
        }
        #expect(seen.contains(.directoryDisappeared(directory.path.appending("old/a/b"))))
        let (left, watchesRoot) = (watcher.directories.count, watcher.watchesRoot)
        #expect(left == 1 && watchesRoot)
    }

    @Test("a moved directory is watched under its new name") func aMovedDirectoryIsWatchedUnderItsNewName() throws {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("a")
        directory.makeDirectory("a/b")
        let wakeUp = try WakeUp()
        var watcher = try TreeWatcher(root: directory.path, interest: .directories)
        directory.move("a", to: "c")
        let moved = try watcher.wait(milliseconds: 1000, wakeUp: wakeUp)
        #expect(
            moved == [
                .directoryDisappeared(directory.path.appending("a")),
                .directoryAppeared(directory.path.appending("c")),
                .directoryAppeared(directory.path.appending("c/b")),
            ])
        directory.makeDirectory("c/b/d")
        var seen: [TreeWatcher.Change] = []
        while seen.isEmpty { seen = try watcher.wait(milliseconds: 1000, wakeUp: wakeUp) }
        #expect(seen == [.directoryAppeared(directory.path.appending("c/b/d"))])
    }

    @Test("what is not to be followed is told of and not watched") func follows() throws {
        let directory = try TemporaryDirectory()
        directory.makeDirectory("old-leaf")
        let wakeUp = try WakeUp()
        var watcher = try TreeWatcher(root: directory.path, interest: .directories) {
            !($0.lastComponent?.string.hasSuffix("leaf") ?? false)
        }
        directory.makeDirectory("old-leaf/a")
        directory.makeDirectory("b")
        directory.makeDirectory("b/leaf")
        directory.makeDirectory("b/leaf/c")
        directory.remove("b/leaf")
        directory.makeDirectory("b/last")
        var seen: [TreeWatcher.Change] = []
        while !seen.contains(.directoryAppeared(directory.path.appending("b/last"))) {
            seen += try watcher.wait(milliseconds: 1000, wakeUp: wakeUp)
        }
        let names = Set(
            seen.compactMap { change in
                switch change {
                case .directoryAppeared(let path), .directoryDisappeared(let path): path.lastComponent?.string
                case .fileChanged, .unknown: nil
                }
            })
        #expect(names.isDisjoint(with: ["a", "c"]) && names.isSuperset(of: ["b", "last"]))
        let (watched, shortfall) = (watcher.directories.count, watcher.shortfall)
        #expect(watched == 3 && shortfall == nil, "the root, b, b/last")
    }

    @Test("a wake up ends the wait") func aWakeUpEndsTheWait() throws {
        let directory = try TemporaryDirectory()
        let wakeUp = try WakeUp()
        var watcher = try TreeWatcher(root: directory.path, interest: .directories)
        wakeUp.signal()
        #expect(try watcher.wait(milliseconds: nil, wakeUp: wakeUp) == [])
    }

    @Test("needs a root") func needsARoot() {
        #expect(throws: Errno.noSuchFileOrDirectory) {
            _ = try TreeWatcher(root: "/nowhere/at/all", interest: .directories)
        }
    }
}
