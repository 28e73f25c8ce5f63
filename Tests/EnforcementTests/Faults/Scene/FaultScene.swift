import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import TestHarness
import VerdictTables

/// A node with little room in its maps and on its disk, and the traffic by which it is judged.
final class FaultScene {
    let node: EnforcedNode
    let probes: Probes
    let crowd: Crowd
    let disk: SmallDisk
    let clock: FalseClock
    let memory: MemoryLimit?
    /// Of the other build, once it has run.
    var predecessorLayout: UInt32?
    private let scene: ProbedScene
    private let storm: EnforcedPod

    /// Of addresses, rules, ports and pods fewer than ``Fault/fullMaps`` makes.
    private static let capacities: [DatapathMap: UInt32] = [
        .addresses: 600, .rules: 3000, .ports: 1500, .pods: 300,
    ]

    init(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var disk: SmallDisk?
        // Both ways: connect hooks that refuse early, and egress alone.
        scene = try ProbedScene(random.oneIn(2) ? "--fail-fast" : "--no-fail-fast") { node in
            disk = try SmallDisk(at: "\(node.directory)/state")
            try Self.makeMaps(node)
        }
        node = scene.node
        guard let disk else { throw LabError("small disk", "it was not made") }
        self.disk = disk
        clock = try FalseClock(in: node.directory)
        memory = MemoryLimit(for: "\(node.lab.name)/agent")
        crowd = Crowd(node)
        storm = try node.wirePod("storm", namespace: "closed", "10.9.1.9")
        probes = try Probes(scene, seed: seed)
    }

    func close() {
        try? probes.stop()
        node.killAgent()
        memory?.remove()
        disk.close()
        node.close()
    }

    /// Maps that are there keep their capacity when an agent starts.
    static func makeMaps(_ node: EnforcedNode) throws {
        guard try !node.pins.layouts().contains(node.pins.layout) else { return }
        _ = try DatapathObject(pins: node.pins, capacities: capacities)
    }

    /// Starts the agent if it does not run.
    func heal() throws {
        guard node.agent?.hasEnded ?? true else { return }
        try kill()
        try launch()
    }

    /// Starts the agent.
    ///
    /// - Parameter words: a program, with its arguments, that runs the command after them.
    func launch(under words: [String] = []) throws {
        try Self.makeMaps(node)
        try node.launch { words + self.clock.words + $0 }
    }

    /// - Returns: whether the agent ran until then.
    @discardableResult
    func kill() throws -> Bool {
        let ran = node.agent.map { !$0.hasEnded } ?? false
        node.killAgent()
        try awaitLock()
        return ran
    }

    var lock: String { "\(node.directory)/state/agent.lock" }

    /// A dead agent's children may live a moment longer.
    private func awaitLock() throws {
        try node.waitUntil("the lock") {
            AgentLock.runningHolder(path: lock) == nil
        }
    }

    /// Writes other policies, of which each lets and keeps what the probes try.
    func flap(_ edits: Int, _ random: inout SplitMix64) throws {
        for _ in 0..<edits { try scene.write(round: random.number(100...399)) }
    }

    /// The same until something is so, or the time is over.
    ///
    /// - Returns: whether it is.
    func flap(forMs milliseconds: Int, _ random: inout SplitMix64, until isSo: () throws -> Bool) throws -> Bool {
        let deadline = Deadline(afterMs: milliseconds)
        while !deadline.hasPassed {
            if try isSo() { return true }
            try flap(1, &random)
            usleep(5000)
        }
        return try isSo()
    }

    /// Denials of different flows, as many as one process can cause.
    func causeDenials() -> Busy {
        let probes = (0..<20_000).map {
            Probe(
                id: $0, to: IPAddress(ipv4: 0x0a09_0800 + UInt32($0 % 256)), port: UInt16(1000 + $0 / 256),
                protocol: .udp)
        }
        return Busy(storm.process, .batch(ProbeBatch(probes, datagrams: .shared)))
    }
}
