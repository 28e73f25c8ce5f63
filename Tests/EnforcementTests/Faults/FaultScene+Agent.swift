import Glibc
import PacketLab
import TestHarness

/// Faults of the agent's own life.
extension FaultScene {
    /// At any moment of reading, compiling and writing, or after it.
    func killSometime(_ random: inout SplitMix64) throws -> Bool {
        try flap(random.number(1...5), &random)
        usleep(UInt32(random.number(0...500)) * 1000)
        let hasKilled = try kill()
        try flap(random.number(0...3), &random)
        return hasKilled
    }

    /// Twice in a row: the second agent finds what the first one left half done.
    func killStarting(_ random: inout SplitMix64) throws -> Bool {
        var hasDied = false
        for _ in 0..<2 {
            try kill()
            try flap(random.number(1...5), &random)
            try launch(under: Tracer.killing(atCall: 1...260, &random).words(record: record))
            if try flap(forMs: 2000, &random, until: { wasShot }) { hasDied = true }
        }
        try kill()
        return hasDied
    }

    func killChanging(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        return try traced(by: Tracer.killing(atCall: 1...40, &random), &random) { wasShot }
    }

    func refuseStarting(_ random: inout SplitMix64) throws -> Bool {
        try kill()
        try flap(random.number(1...5), &random)
        try launch(under: Tracer.refusing(call: 1...260, &random).words(record: record))
        _ = try flap(forMs: 4000, &random) { node.agent?.hasEnded ?? true }
        try kill()
        return Tracer.hasRefused(record)
    }

    func refuseChanging(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        return try traced(by: Tracer.refusing(call: 1...40, &random), &random) {
            Tracer.hasRefused(record)
        }
    }

    /// Where tracers tell what they did.
    var record: String { "\(node.directory)/trace" }

    /// Whether the agent was ended by SIGKILL.
    private var wasShot: Bool { node.agent?.endStatus == 128 + SIGKILL }

    /// Changes policies while the agent at work is traced.
    private func traced(by tracer: Tracer, _ random: inout SplitMix64, until isSo: () -> Bool) throws -> Bool {
        guard let agent = node.agent else { return false }
        let tracing = try tracer.attach(to: agent, of: node, record: record)
        let done = try flap(forMs: 2000, &random, until: isSo)
        tracing.terminate()
        _ = try flap(forMs: 1000, &random) { tracing.hasEnded }
        tracing.kill()
        return done
    }

    func restart(_ random: inout SplitMix64) throws -> Bool {
        try flap(random.number(0...5), &random)
        let agent = node.agent
        agent?.terminate()
        // One that has hardly started ends as any other program does.
        _ = try flap(forMs: 20_000, &random) { agent?.hasEnded ?? true }
        return agent?.endStatus == 0
    }
}
