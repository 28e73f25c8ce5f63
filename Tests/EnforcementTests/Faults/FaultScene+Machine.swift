import Glibc
import PacketLab
import TestHarness

/// Faults of the machine.
extension FaultScene {
    /// Between too little to start and enough to work.
    func limitMemory(_ random: inout SplitMix64) throws -> Bool {
        guard let memory else { return false }
        try kill()
        try memory.set(random.number(4...24) << 20)
        try launch(under: memory.words)
        try crowd.come(random.number(100...200), &random)
        let hasDied = try flap(forMs: 2500, &random) { node.agent?.hasEnded ?? true }
        try crowd.go(&random)
        try kill()
        try memory.set(nil)
        return hasDied
    }

    /// By years, there and back, while the agent runs.
    func setWallClock(_ random: inout SplitMix64) throws -> Bool {
        let year = 365 * 86_400
        let before = node.lastLog.count
        for _ in 0..<3 {
            try clock.set(random.number(-10 * year...10 * year))
            try flap(random.number(1...10), &random)
            if random.oneIn(3) { try kill() }
            try heal()
            try node.settle()
        }
        try clock.set(0)
        return node.lastLog.count != before
    }

    /// An agent in a time namespace, whose monotonic clock is not the one that programs stamp with.
    func useOtherClock(_ random: inout SplitMix64) throws -> Bool {
        try kill()
        let offset = random.number(1...10) * 100_000
        try launch(under: [
            "unshare", "--time", "--monotonic", "\(offset)", "--boottime", "\(offset)", "--fork", "--kill-child",
        ])
        try node.settle()
        try flap(random.number(1...20), &random)
        try node.settle()
        try kill()
        return true
    }

    func fillDisk(_ random: inout SplitMix64) throws -> Bool {
        try disk.fill()
        defer { disk.empty() }
        try flap(random.number(1...10), &random)
        if random.oneIn(2) { try kill() }
        try heal()
        try node.settle()
        let isTold = try flap(forMs: 2000, &random) { node.lastLog.contains("cannot be written") }
        try node.settle()
        return isTold
    }

    /// Why a fault cannot be made on this machine.
    func reason(against fault: Fault) -> String? {
        fault == .littleMemory && memory == nil ? "no memory controller for cgroups here" : nil
    }
}
