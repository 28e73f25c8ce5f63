import Glibc

/// A process of a pod that the pod's author cannot choose, held by its directory in /proc: what is
/// read there is of this process, or fails, also once another has its number.
struct PodProcess: ~Copyable {
    let number: Int32
    /// The cgroup that it was found in.
    private let cgroup: String
    private let directory: Int32

    deinit { if directory >= 0 { Glibc.close(directory) } }

    /// Why there is none.
    enum Absence: Error {
        /// No process runs.
        case none
        /// One runs that is in no sight: the agent has a pid namespace of its own.
        case hidden
    }

    /// The first process of the pod's oldest container, which is the sandbox's `pause` where the runtime
    /// has one. A process of the pod's cgroup itself comes before: kubelet lets nobody put one there.
    ///
    /// - Parameter path: the pod's cgroup.
    static func first(ofPodAt path: String) throws(Absence) -> PodProcess {
        var path = path
        // Containers that make cgroups of their own move their processes into these.
        for _ in 0..<8 {
            let processes = processes(of: path)
            if let first = processes.first(where: { $0 > 0 }) { return try PodProcess(first, in: path) }
            // cgroups(7): a process outside of the reader's pid namespace shows as 0.
            if !processes.isEmpty { throw .hidden }
            guard let oldest = oldestChild(of: path) else { throw .none }
            path = oldest
        }
        throw .none
    }

    private init(_ number: Int32, in cgroup: String) throws(Absence) {
        self.number = number
        self.cgroup = cgroup
        directory = open("/proc/\(number)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Not before all is initialized: what is thrown away then closes itself.
        guard directory >= 0, Self.processes(of: cgroup).contains(number) else { throw .none }
    }

    /// Whether the number is still that of a process in the cgroup.
    var isThere: Bool { Self.processes(of: cgroup).contains(number) }

    /// The start of a file in its directory; nil if it cannot be read.
    func text(_ name: String, limit: Int) -> String? {
        let file = openat(directory, name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        return ShortFile.text(file, limit: limit)
    }

    /// Whether it is in the caller's own network namespace: files below `net` have numbers of their own
    /// in each. Asking for the namespace itself takes CAP_SYS_PTRACE.
    var sharesOwnNetwork: Bool {
        var (its, own) = (stat(), stat())
        return fstatat(directory, "net/fib_trie", &its, 0) == 0
            && stat("/proc/thread-self/net/fib_trie", &own) == 0
            && its.st_dev == own.st_dev && its.st_ino == own.st_ino
    }

    private static func processes(of cgroup: String) -> [Int32] {
        let file = open("\(cgroup)/cgroup.procs", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { Glibc.close(file) }
        // A pod may hold more processes than its first one has to be found among.
        return (ShortFile.text(file, limit: 1 << 16) ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// By the inode's number, which counts up.
    private static func oldestChild(of cgroup: String) -> String? {
        guard let directory = opendir(cgroup) else { return nil }
        defer { closedir(directory) }
        var oldest: (number: UInt64, name: String)?
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let number = UInt64(entry.pointee.d_ino)
            if name != "." && name != ".." && number < oldest?.number ?? .max { oldest = (number, name) }
        }
        return oldest.map { "\(cgroup)/\($0.name)" }
    }
}

/// Files of the kernel's, which have no size.
private enum ShortFile {
    /// - Returns: no more than the limit; nil if it cannot be read.
    static func text(_ file: Int32, limit: Int) -> String? {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while all.count < limit {
            let got = read(file, &chunk, min(chunk.count, limit - all.count))
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { return nil }
            if got == 0 { break }
            all += chunk[..<got]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
