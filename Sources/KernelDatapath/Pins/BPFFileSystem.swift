import CLibbpfShim
import Glibc

/// The file system in which pins live.
enum BPFFileSystem {
    /// BPF_FS_MAGIC (linux/magic.h)
    static let magic = 0xcafe_4a11
    static let mountPoint = "/sys/fs/bpf"

    /// Makes sure that the path lies, or will lie, in a bpffs.
    static func ensure(at path: String) throws(KernelError) {
        if try holds(path) { return }
        guard path == mountPoint || path.hasPrefix(mountPoint + "/") else {
            throw KernelError(
                .mount, path, code: EINVAL, context: ["the directory does not lie in a bpffs"])
        }
        try KernelError.check(sluice_mount_bpf(mountPoint), .mount, mountPoint)
    }

    private static func holds(_ path: String) throws(KernelError) -> Bool {
        var existing = path[...]
        while !existing.isEmpty && !Files.exists(String(existing)) {
            existing = existing[..<(existing.lastIndex(of: "/") ?? existing.startIndex)]
        }
        return try Files.fileSystemType(existing.isEmpty ? "/" : String(existing)) == magic
    }
}
