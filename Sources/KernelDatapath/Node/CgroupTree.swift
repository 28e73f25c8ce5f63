import Glibc
import LinuxBase
public import VerdictTables

/// The cgroup v2 hierarchy as it is mounted.
public struct CgroupTree: Hashable, Sendable {
    /// Where cgroup2 is mounted, for instance /sys/fs/cgroup.
    public let root: String

    public init(root: String) { self.root = root }

    /// CGROUP2_SUPER_MAGIC (linux/magic.h)
    private static let magic = 0x6367_7270

    /// Throws, saying so, if the root is no mounted cgroup v2.
    public func check() throws(KernelError) {
        guard try Files.fileSystemType(root) == Self.magic else {
            throw KernelError(
                .check, root, code: EINVAL, context: ["the directory does not lie in a cgroup v2"])
        }
    }

    /// A cgroup's identifier: the inode number of its directory.
    public static func id(ofPath path: String) throws(KernelError) -> CgroupID {
        CgroupID(rawValue: try Files.inode(path))
    }

    /// The inode number of the kernel's own root, whatever a process sees as its root.
    private static let kernelRoot: UInt64 = 1

    /// How deep the root lies below the kernel's own; nil where that one cannot be seen from here.
    func visibleDepth() throws(KernelError) -> Int? {
        var (directory, inode) = (root, try Files.inode(root))
        var depth = 0
        while inode != Self.kernelRoot {
            let above = "\(directory)/.."
            // Of a mount's root another directory is above: one that does not hold it.
            guard try Files.fileSystemType(above) == Self.magic,
                try Files.list(above).contains(where: { $0.isDirectory && $0.inode == inode })
            else { return nil }
            (directory, inode) = (above, try Files.inode(above))
            depth += 1
        }
        return depth
    }

    /// How deep below the root a path lies, 0 for the root itself; nil if it
    /// lies elsewhere. Repeated and trailing slashes do not count.
    public func level(ofPath path: String) -> Int? {
        let parts = path.split(separator: "/")
        let above = root.split(separator: "/")
        guard parts.starts(with: above), !parts.contains("..") else { return nil }
        return parts.count - above.count
    }

    /// Where a cgroup is now; nil if it is gone. Walks the tree.
    public func path(of id: CgroupID) throws(KernelError) -> String? {
        if try Files.inode(root) == id.rawValue { return root }
        var pending = [root]
        while let directory = pending.popLast() {
            for entry in try Files.list(directory) where entry.isDirectory {
                let path = "\(directory)/\(entry.name)"
                if entry.inode == id.rawValue { return path }
                pending.append(path)
            }
        }
        return nil
    }

    /// Every cgroup there is, for finding entries of those that are gone.
    public func all() throws(KernelError) -> [CgroupID: String] {
        var found = [CgroupID(rawValue: try Files.inode(root)): root]
        var pending = [root]
        while let directory = pending.popLast() {
            for entry in try Files.list(directory) where entry.isDirectory {
                let path = "\(directory)/\(entry.name)"
                found[CgroupID(rawValue: entry.inode)] = path
                pending.append(path)
            }
        }
        return found
    }
}
