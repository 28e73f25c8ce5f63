import FoundationEssentials
import KernelDatapath
import PacketLab
import TestHarness

/// Agents that take over from each other.
extension FaultScene {
    func upgradeByLayout(_ random: inout SplitMix64) throws -> Bool {
        let layout = node.pins.layout + UInt32(random.number(1...1000))
        let configuration = "\(node.directory)/other.yaml"
        try """
        source: \(node.directory)/source
        nodeName: node
        podsCgroup: \(node.lab.name)/kubepods
        bpffs: \(node.pins.directory)
        stateDirectory: \(node.directory)/state
        failFast: false
        health: {address: ''}
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let program = try Executables.path("other-layout")
        return try handOver(&random) { _ in [program, "\(layout)", configuration] } == layout
    }

    func upgradeByBuild(_ random: inout SplitMix64) throws -> Bool {
        guard let other = Fault.predecessor else { return false }
        predecessorLayout = try handOver(&random) { [other] + $0.dropFirst() }
        return true
    }

    /// To another agent, by SIGTERM or SIGKILL, which may be killed on the way; and back.
    ///
    /// - Returns: the other one's layout number, when it alone was there.
    private func handOver(_ random: inout SplitMix64, to command: @escaping ([String]) -> [String]) throws -> UInt32 {
        try end(&random)
        if random.oneIn(2) {
            let tracer = Tracer.killing(atCall: 1...260, &random)
            try node.launch { tracer.words(record: self.record) + command($0) }
            _ = try flap(forMs: 2000, &random) { node.agent?.hasEnded ?? true }
            try kill()
        }
        try node.launch(as: command)
        try node.waitUntil("the other agent enforces") {
            node.lastLog.contains("enforcing ") && node.lastLog.contains("attachment: ")
        }
        let layout = try soleLayout()
        try flap(random.number(1...10), &random)
        try end(&random)
        if random.oneIn(2) {
            try launch(under: Tracer.killing(atCall: 1...260, &random).words(record: record))
            _ = try flap(forMs: 2000, &random) { node.agent?.hasEnded ?? true }
            try kill()
        }
        try launch()
        try node.settle()
        guard try soleLayout() == node.pins.layout else { throw LabError("the way back", "another layout is left") }
        return layout
    }

    /// Waits until one layout alone is left.
    private func soleLayout() throws -> UInt32 {
        try node.waitFor("the end of the other layout") {
            let layouts = try node.pins.layouts()
            return layouts.count == 1 ? layouts[0] : nil
        }
    }

    private func end(_ random: inout SplitMix64) throws {
        if random.oneIn(2) {
            node.agent?.terminate()
            try node.waitUntil("the agent's end") { node.agent?.hasEnded ?? true }
        }
        try kill()
    }
}
