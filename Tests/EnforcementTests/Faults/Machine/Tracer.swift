import PacketLab
import TestHarness

/// What `strace(1)` does to the agent at one of its system calls: the executable is the one that is
/// shipped, and holds nothing that could make it fail.
struct Tracer {
    private let expression: String

    /// SIGKILL before the call is made: between two writes to maps, two programs, two pins.
    static func killing(atCall range: ClosedRange<Int>, _ random: inout SplitMix64) -> Tracer {
        random.oneIn(4)
            ? Tracer(expression: "inject=rename,unlink,mkdir:signal=SIGKILL:when=\(random.number(1...8))")
            : Tracer(expression: "inject=bpf:signal=SIGKILL:when=\(random.number(range))")
    }

    /// One call that fails.
    static func refusing(call range: ClosedRange<Int>, _ random: inout SplitMix64) -> Tracer {
        let code = random.pick(["ENOMEM", "ENOSPC", "EBUSY", "EPERM"])
        return Tracer(expression: "inject=bpf:error=\(code):when=\(random.number(range))")
    }

    /// The words that start a program so. It is traced by a process that is not its parent.
    var words: [String] { ["strace", "-D", "-f", "-o", "/dev/null", "-e", expression] }

    /// Does it to a program that runs, until it or the tracer is ended.
    func attach(to agent: Program, of node: EnforcedNode, record: String) throws -> Program {
        try node.lab.launch(
            ["strace", "-f", "-o", record, "-e", expression, "-p", "\(agent.pid)"],
            in: node.lab.cgroup("tool"), node.agentNamespace(), output: "/dev/null")
    }
}
