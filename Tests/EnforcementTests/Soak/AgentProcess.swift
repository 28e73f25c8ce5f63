import FoundationEssentials
import Glibc

/// What a process has used and holds: proc(5).
struct AgentProcess {
    let pid: Int32

    /// User and system time so far.
    var processorSeconds: Double {
        // The command, the second field, may hold spaces and parentheses.
        let stat = text("stat")
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory in bytes.
    var resident: Int {
        (text("statm").split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    var descriptors: Int { names("fd") }
    var threads: Int { names("task") }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(pid)/\(name)", encoding: .utf8)) ?? ""
    }

    private func names(_ name: String) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/\(name)")) ?? []).count
    }
}
