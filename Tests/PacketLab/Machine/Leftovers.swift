import Glibc

/// What labs leave behind when their process is killed.
enum Leftovers {
    /// Every name goes on with the process id and a hyphen.
    static let prefix = "sluice-test-"
    static let directory = "/tmp"
    /// Where eBPF objects are pinned. A pinned program stays attached without its process.
    static let pins = "/sys/fs/bpf"

    /// Removes what belongs to processes that are no more.
    static func sweep() {
        if let root = try? CgroupTree.root() {
            for name in dead(in: root) { CgroupTree.remove("\(root)/\(name)") }
        }
        for name in dead(in: pins) { removeTree("\(pins)/\(name)") }
        for name in dead(in: NetworkNamespace.directory) { NetworkNamespace.remove(name) }
        for name in dead(in: directory) { removeTree("\(directory)/\(name)") }
    }

    /// Removes the pins that bear a lab's name, or the name and a hyphen and more.
    static func removePins(of lab: String) {
        for name in listDirectory(pins) where name == lab || name.hasPrefix("\(lab)-") {
            removeTree("\(pins)/\(name)")
        }
    }

    /// Removes a file, or a directory and all that is in it; follows no link.
    static func removeTree(_ path: String) {
        guard isDirectory(path) else {
            unlink(path)
            return
        }
        for entry in listDirectory(path) { removeTree("\(path)/\(entry)") }
        rmdir(path)
    }

    private static func dead(in directory: String) -> [String] {
        listDirectory(directory).filter { name in
            guard name.hasPrefix(prefix) else { return false }
            let parts = name.dropFirst(prefix.count).split(separator: "-")
            guard parts.count >= 2, let pid = pid_t(parts[0]), pid > 0 else { return false }
            return kill(pid, 0) != 0 && errno == ESRCH
        }
    }
}
