internal import CProcessMemory
import Glibc
import LinuxBase
import SystemPackage

/// The memory that the agent's process holds.
public enum ProcessMemory {
    /// Has it hold little that it does not use. To be called before there are threads.
    public static func limitArenas() { sluice_be_frugal() }

    /// Gives back what is free. A heap of a gigabyte takes a second, in which no thread can allocate.
    static func giveBackHeap() { sluice_give_back_heap() }

    /// What it has in memory, in bytes (proc_pid_statm(5)); nil where it cannot be read.
    static var resident: UInt64? {
        let bytes = (try? FileSystem.read("/proc/self/statm", limit: 1 << 10)) ?? []
        let pages = String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { UInt64($0) }
        return pages.count > 1 ? pages[1] * UInt64(sysconf(Int32(_SC_PAGESIZE))) : nil
    }

    /// Gives back the code that has been used only once; what is used again is read again.
    static func dropStartupPages() { sluice_give_back_code() }
}
