import FoundationEssentials
import Glibc
import KernelDatapath

/// What nodes of killed test processes have left behind; labs sweep their own.
enum Leftovers {
    static let directory = "/tmp"
    /// Before the lab's own name, which goes on with the process id.
    static let prefix = "node-of-"

    static func sweep() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasPrefix(prefix) && isDead(name.dropFirst(prefix.count)) {
            try? files.removeItem(atPath: "\(directory)/\(name)")
        }
        for name in (try? files.contentsOfDirectory(atPath: "/sys/fs/bpf")) ?? [] where isDead(name[...]) {
            _ = try? Pins(directory: "/sys/fs/bpf/\(name)").removeEverything()
        }
    }

    /// Whether it is a lab's name, and the lab's process is no more.
    private static func isDead(_ name: Substring) -> Bool {
        let parts = name.split(separator: "-")
        guard parts.count == 4, parts[0] == "sluice", parts[1] == "test", let process = pid_t(parts[2])
        else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }
}
