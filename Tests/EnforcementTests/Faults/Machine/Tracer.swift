import FoundationEssentials
import Glibc
import PacketLab
import TestHarness

/// What `strace(1)` does to the agent at one of its system calls: the executable is the one that is
/// shipped, and holds nothing that could make it fail.
struct Tracer {
    private let calls: String
    private let injection: String

    /// SIGKILL before the call is made: between two writes to maps, two programs, two pins.
    static func killing(atCall range: ClosedRange<Int>, _ random: inout SplitMix64) -> Tracer {
        random.oneIn(4)
            ? Tracer(calls: "rename,unlink,mkdir", injection: "signal=SIGKILL:when=\(random.number(1...8))")
            : Tracer(calls: "bpf", injection: "signal=SIGKILL:when=\(random.number(range))")
    }

    /// One call that fails.
    static func refusing(call range: ClosedRange<Int>, _ random: inout SplitMix64) -> Tracer {
        let code = random.pick(["ENOMEM", "ENOSPC", "EBUSY", "EPERM"])
        return Tracer(calls: "bpf", injection: "error=\(code):when=\(random.number(range))")
    }

    /// The words that start a program so. It is traced by a process that is not its parent.
    ///
    /// - Parameter record: a file for what was done to it, made anew.
    func words(record: String) -> [String] { ["strace", "-D"] + options(record) }

    /// Does it to a program that runs, until it or the tracer is ended.
    func attach(to agent: Program, of node: EnforcedNode, record: String) throws -> Program {
        try node.lab.launch(
            ["strace"] + options(record) + ["-p", "\(agent.pid)"],
            in: node.lab.cgroup("tool"), node.agentNamespace(), output: "/dev/null")
    }

    private func options(_ record: String) -> [String] {
        unlink(record)
        return ["-f", "-o", record, "-e", "trace=\(calls)", "-e", "inject=\(calls):\(injection)"]
    }

    /// Whether the record says that a call was refused.
    static func hasRefused(_ record: String) -> Bool {
        let text = (try? String(contentsOfFile: record, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").contains { $0.contains("= -1 ") && $0.contains("INJECTED") }
    }
}
