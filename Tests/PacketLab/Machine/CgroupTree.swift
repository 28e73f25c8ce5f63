import Glibc

/// Where cgroup v2 is mounted, on a v2 or a hybrid machine.
enum CgroupTree {
    /// The directory, as /proc/self/mountinfo has it.
    static func root() throws(LabError) -> String {
        for line in (readFile("/proc/self/mountinfo") ?? "").split(separator: "\n") {
            // proc_pid_mountinfo(5): … root, mount point, options, optional fields, -, type …
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = line.split(separator: " ")
            if halves.count == 2, halves[1].hasPrefix("cgroup2 "), fields.count > 4 {
                return String(fields[4])
            }
        }
        throw LabError("cgroup v2", "not mounted")
    }

    /// Kills every process in the cgroup and below, then removes it, the deepest first.
    ///
    /// - Returns: whether it is gone.
    @discardableResult
    static func remove(_ path: String) -> Bool {
        for _ in 0..<200 {
            if !isDirectory(path) { return true }
            killAll(path)
            if removeEmpty(path) { return true }
            usleep(10_000)
        }
        return false
    }

    private static func killAll(_ path: String) {
        // cgroup.kill came with Linux 5.14.
        if writeFile("\(path)/cgroup.kill", "1") { return }
        for process in (readFile("\(path)/cgroup.procs") ?? "").split(separator: "\n") {
            if let pid = pid_t(process) { kill(pid, SIGKILL) }
        }
        for child in children(path) { killAll(child) }
    }

    private static func removeEmpty(_ path: String) -> Bool {
        for child in children(path) where !removeEmpty(child) { return false }
        return rmdir(path) == 0 || errno == ENOENT
    }

    private static func children(_ path: String) -> [String] {
        listDirectory(path).map { "\(path)/\($0)" }.filter(isDirectory)
    }
}
