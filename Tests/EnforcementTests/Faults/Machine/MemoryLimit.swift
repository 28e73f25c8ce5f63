import FoundationEssentials
import Glibc
import PacketLab

/// What the agent may use of memory: by the controller of cgroup v2, or by that of v1 where the
/// machine has mounted it.
final class MemoryLimit {
    private let directory: String
    private let file: String
    private let isOwn: Bool

    /// Of the controller: v1 or v2.
    var version: String { isOwn ? "v1" : "v2" }

    /// - Parameter cgroup: the agent's, below the root of cgroup v2.
    /// - Returns: nil where the machine has no memory controller for cgroups.
    init?(for cgroup: String) {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        // proc_pid_mounts(5): device, mount point, type, options.
        let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }
        if let first = fields.first(where: { $0[2] == "cgroup" && $0[3].split(separator: ",").contains("memory") }) {
            directory = "\(first[1])/\(cgroup.replacing("/", with: "-"))"
            file = "\(directory)/memory.limit_in_bytes"
            isOwn = true
            guard mkdir(directory, 0o755) == 0 else { return nil }
        } else if let second = fields.first(where: { $0[2] == "cgroup2" }) {
            directory = "\(second[1])/\(cgroup)"
            file = "\(directory)/memory.max"
            isOwn = false
            var above = String(second[1])
            for part in cgroup.split(separator: "/") {
                guard Self.write("+memory", to: "\(above)/cgroup.subtree_control") else { return nil }
                above += "/\(part)"
            }
        } else {
            return nil
        }
    }

    /// The words that start a program in it.
    var words: [String] {
        isOwn ? ["sh", "-c", "echo $$ >\(directory)/cgroup.procs && exec \"$@\"", "sh"] : []
    }

    func set(_ bytes: Int?) throws {
        let none = isOwn ? "-1" : "max"
        guard Self.write(bytes.map { "\($0)" } ?? none, to: file) else { throw LabError("write of \(file)") }
    }

    /// How often the kernel has found no room below the limit, and ended a process for it or not.
    var hits: Int {
        isOwn ? Self.number(in: "\(directory)/memory.failcnt") : Self.number("max", in: "\(directory)/memory.events")
    }

    /// How many processes the kernel has ended for want of room.
    var kills: Int {
        Self.number("oom_kill", in: "\(directory)/memory.\(isOwn ? "oom_control" : "events")")
    }

    /// The number of a file that is one, or the one after a word at a line's begin.
    private static func number(_ word: String? = nil, in path: String) -> Int {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        return lines.first { word == nil || $0.first.map(String.init) == word }?.last.flatMap { Int($0) } ?? 0
    }

    func remove() { if isOwn { rmdir(directory) } }

    private static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
    }
}
