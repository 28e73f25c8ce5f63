import FoundationEssentials
import KernelDatapath
import PacketLab
import TestHarness

/// Faults of the machine.
extension FaultScene {
    /// Between too little to start and enough to work.
    func limitMemory(_ random: inout SplitMix64) throws -> Bool {
        guard let memory else { return false }
        try kill()
        let before = memory.hits
        try memory.set(random.number(4...24) << 20)
        try launch(under: memory.words)
        try crowd.come(random.number(100...200), &random)
        _ = try flap(forMs: 2500, &random) { node.agent?.hasEnded ?? true }
        try crowd.go(&random)
        try kill()
        try memory.set(nil)
        return memory.hits > before
    }

    /// By years, there and back, while the agent runs.
    func setWallClock(_ random: inout SplitMix64) throws -> Bool {
        var toldOf = 0
        for _ in 0..<3 {
            let years = random.number(1...10) * random.pick([-1, 1])
            let mark = node.logMark
            try clock.set(years * 366 * 86_400)
            try flap(random.number(1...10), &random)
            if random.oneIn(3) { try kill() }
            try heal()
            try node.settle()
            // Its log bears the year that it believes in.
            let year = "\(FalseClock.year(afterDays: years * 366))-"
            if node.log(since: mark).split(separator: "\n").contains(where: { $0.hasPrefix(year) }) { toldOf += 1 }
        }
        try clock.set(0)
        return toldOf > 0
    }

    /// An agent in a time namespace, whose monotonic clock is not the one that programs stamp with.
    func useOtherClock(_ random: inout SplitMix64) throws -> Bool {
        try kill()
        let offset = random.number(1...10) * 100_000
        try launch(under: [
            "unshare", "--time", "--monotonic", "\(offset)", "--boottime", "\(offset)", "--fork", "--kill-child",
        ])
        try node.settle()
        let agent = AgentLock.runningHolder(path: lock)?.process
        let isElsewhere = agent.map { Self.timeNamespace(of: "\($0)") != Self.timeNamespace(of: "self") } ?? false
        try flap(random.number(1...20), &random)
        try node.settle()
        try kill()
        return isElsewhere
    }

    private static func timeNamespace(of process: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/time")
    }

    func fillDisk(_ random: inout SplitMix64) throws -> Bool {
        let mark = node.logMark
        try disk.fill()
        defer { disk.empty() }
        try flap(random.number(1...10), &random)
        if random.oneIn(2) { try kill() }
        try heal()
        try node.settle()
        let isTold = try flap(forMs: 2000, &random) { node.log(since: mark).contains("cannot be written") }
        try node.settle()
        return isTold
    }

    /// Why a fault cannot be made on this machine, or how it was made.
    func note(on fault: Fault) -> String? {
        switch fault {
        case .littleMemory: memory.map { "cgroup \($0.version)" } ?? "no memory controller for cgroups here"
        case .otherBuild where Fault.predecessor == nil: "needs UPGRADE_FROM"
        case .otherBuild: predecessorLayout.map { "its layout: \($0); this one's: \(node.pins.layout)" }
        default: nil
        }
    }
}
