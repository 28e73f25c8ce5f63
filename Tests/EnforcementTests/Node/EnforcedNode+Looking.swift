import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import TestHarness
import VerdictTables

/// A place in the agent's log: what was said before it proves nothing of what came after.
struct LogMark {
    var run: Int
    var bytes: Int
}

/// What there is to see of a node, and waiting to see it.
extension EnforcedNode {
    /// What the agent has logged, of all its runs.
    var log: String {
        (1...max(1, runs)).map {
            (try? String(contentsOfFile: "\(directory)/log-\($0)", encoding: .utf8)) ?? ""
        }.joined()
    }

    /// What the agent that was started last has logged.
    var lastLog: String { (try? String(contentsOfFile: "\(directory)/log-\(runs)", encoding: .utf8)) ?? "" }

    /// Now, in the agent's log.
    var logMark: LogMark { LogMark(run: runs, bytes: lastLog.utf8.count) }

    /// What the agent has logged since, in the run of then and in later ones.
    func log(since mark: LogMark) -> String {
        let text = (max(1, mark.run)...max(1, runs)).map {
            (try? String(contentsOfFile: "\(directory)/log-\($0)", encoding: .utf8)) ?? ""
        }.joined()
        return String(decoding: text.utf8.dropFirst(mark.bytes), as: UTF8.self)
    }

    /// Waits until a line of the log holds all the words.
    func awaitLog(_ words: String...) throws -> String {
        try waitFor("log: \(words)") {
            log.split(separator: "\n").last { line in words.allSatisfy(line.contains) }.map(String.init)
        }
    }

    /// What may pass before something counts as failed: a minute, or five where processors are emulated, which
    /// take a minute to verify the programs if the machine has other work.
    private static let patience = Duration.seconds(access("/tests-are-in-a-guest", F_OK) == 0 ? 300 : 60)

    /// Waits for a condition.
    func waitUntil(_ what: String, _ condition: () throws -> Bool) throws {
        _ = try waitFor(what) { try condition() ? true : nil }
    }

    /// Waits until the agent has ended by itself, or has had time enough.
    func awaitEndOfAgent() {
        try? blockUntil("the agent has ended", within: Self.patience) { agent?.hasEnded != false }
    }

    /// Waits for a value.
    func waitFor<Value>(_ what: String, _ value: () throws -> Value?) throws -> Value {
        try firstValue(
            what, within: Self.patience, describing: { "the agent's log:\n\(log)" },
            unless: { agent?.hasEnded == true }, value)
    }

    /// What the tool prints for this node.
    func tool(_ words: String...) throws -> String {
        try tool(words + ["--bpffs", pins.directory, "--state-dir", "\(directory)/state"])
    }

    /// What `sluice observe` prints.
    func observe(_ words: [String]) throws -> String { try tool(["observe", "--socket", socket] + words) }

    /// The agent's.
    var socket: String { "\(directory)/state/agent.sock" }

    /// What the tool prints, with all its options given.
    func tool(_ words: [String]) throws -> String {
        let output = "\(directory)/output"
        try "".write(toFile: output, atomically: false, encoding: .utf8)
        let program = try lab.launch(
            [Executables.path("sluice")] + words, in: lab.cgroup("tool"), agentNamespace(),
            output: output)
        try waitUntil("the tool") { program.hasEnded }
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// Connects to the agent, writes, and goes.
    func write(toSocket bytes: [UInt8]) throws {
        let client = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(client) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw LabError("connect", socket) }
        // The agent may hang up at any time, as it does where too many ask at once.
        let sent = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard sent > 0 || errno == EPIPE || errno == ECONNRESET else { throw LabError("write", socket) }
    }

    /// How things stand, for failures.
    var state: String {
        guard let tables = try? KernelTables(pins: pins) else { return log }
        return "\(String(describing: try? tables.config()))\n\(String(describing: try? tables.tables()))\n"
            + "\(String(describing: try? tables.replies()))\n\(log)"
    }

    /// What became of a pod's packets.
    func counters(_ pod: EnforcedPod) throws -> FlowCounters {
        let tables = try KernelTables(pins: pins)
        guard let entry = try tables.pod(CgroupID(rawValue: pod.cgroup.id)) else {
            throw LabError("counters", "no such pod in the kernel")
        }
        return try tables.counters(slot: entry.slot)
    }

    /// Packets of cgroups whose pod is not known that were dropped silently.
    func heldPackets() throws -> UInt64 { try KernelTables(pins: pins).counters(slot: 0).held.packets }
}
