import Glibc
public import SystemPackage

/// What tells one state of a file from another without reading it.
public struct FileStamp: Hashable, Sendable {
    private var device: UInt64
    private var inode: UInt64
    private var size: Int64
    private var modified: [Int]
    private var changed: [Int]

    public init(_ status: Stat) {
        let status = status.rawValue
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    /// Whether a later write is sure to change the stamp. Kernels count file
    /// times in ticks of up to 10 ms, so a write right after a look may leave
    /// no trace in them.
    public var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let seconds = now.tv_sec - changed[0]
        let nanoseconds = now.tv_nsec - changed[1]
        return seconds > 1 || seconds * 1_000_000_000 + nanoseconds > 50_000_000
    }
}
