import Glibc

/// A cgroup made by the lab.
public struct Cgroup: Hashable, Sendable {
    /// The directory.
    public let directory: String
    /// Relative to the cgroup root, without a slash at either end.
    public let path: String
    /// The inode number, which is what BPF programs call the cgroup's id.
    public let id: UInt64

    init(root: String, path: String) throws(LabError) {
        var directory = root
        for part in path.split(separator: "/") {
            directory += "/\(part)"
            guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
                throw LabError("mkdir \(directory)")
            }
        }
        var status = stat()
        guard stat(directory, &status) == 0 else { throw LabError("stat \(directory)") }
        self.directory = directory
        self.path = path
        id = UInt64(status.st_ino)
    }

    /// The processes in the cgroup itself, not below.
    public var processes: [Int32] {
        (readFile("\(directory)/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Kills what runs in it and below, and removes it.
    public func remove() throws(LabError) {
        guard CgroupTree.remove(directory) else { throw LabError("rmdir \(directory)") }
    }
}
