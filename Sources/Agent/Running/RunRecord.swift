import AgentAPI
import Glibc
import LinuxBase
import SystemPackage

/// What an agent writes down of its own life, so that the next one can say how it ended.
package struct RunRecord: Codable, Hashable, Sendable, StateFile {
    package static let fileName = "run.json"
    /// What the handler of fatal signals writes.
    static let lastWordsName = "last-words"

    package var process: Int32
    /// The kernel's number of the machine's start (random(4), boot_id).
    package var boot: String
    /// In seconds since 1970.
    package var startedAt: Int
    /// When it last said that it was there.
    package var seenAt: Int
    /// Its resident memory then, in bytes.
    package var resident: UInt64
    /// How often the kernel had killed for want of memory in its cgroups then, by path.
    package var memoryKills: [String: UInt64]
    /// Whether it stopped because it was told to.
    package var hasStopped = false

    /// This process, now.
    init(startedAt: Int) {
        process = getpid()
        boot = Self.boot
        self.startedAt = startedAt
        seenAt = time(nil)
        resident = ProcessMemory.resident ?? 0
        memoryKills = MemoryKills.now()
    }

    package init(
        process: Int32, boot: String, startedAt: Int, seenAt: Int, resident: UInt64 = 0,
        memoryKills: [String: UInt64] = [:], hasStopped: Bool = false
    ) {
        self.process = process
        self.boot = boot
        self.startedAt = startedAt
        self.seenAt = seenAt
        self.resident = resident
        self.memoryKills = memoryKills
        self.hasStopped = hasStopped
    }

    static var boot: String {
        let bytes = (try? FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 1 << 10)) ?? []
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
    }
}
