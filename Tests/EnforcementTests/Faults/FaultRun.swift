import Glibc
import PacketLab
import TestHarness

/// Faults one after the other, for some time, and what came of them.
final class FaultRun {
    private let seed: UInt64
    private let scene: FaultScene
    private let begun = ContinuousClock.now
    /// How often each fault was made, and in how many of these it did what it says.
    private var faults: [Fault: (made: Int, effective: Int)] = [:]
    private var recent: [String] = []
    /// What must not have happened.
    private(set) var wrongs: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        guard !Fault.possible.isEmpty else { throw LabError("FAULTS_ONLY", "no fault of this name can be made here") }
        scene = try FaultScene(seed: seed)
        say("faults: seed \(seed)")
    }

    func close() { scene.close() }

    /// Ends early at the first wrong.
    func go(for seconds: Int) throws {
        let end = begun.advanced(by: .seconds(seconds))
        var number = 0
        while wrongs.isEmpty && ContinuousClock.now < end {
            // What is random in a fault hangs on its number alone, and not on how long others took.
            var random = SplitMix64(seed: seed &+ UInt64(number) << 32)
            try make(fault(number), &random)
            number += 1
        }
        // With everything as it is then.
        guard wrongs.isEmpty else { return }
        try scene.heal()
        try scene.node.settle()
        try check()
        try scene.probes.stop()
        try check()
        try scene.node.expectTablesAsIfNew()
    }

    /// All faults in an order, then all in another.
    private func fault(_ number: Int) -> Fault {
        let all = Fault.possible
        var random = SplitMix64(seed: seed &+ UInt64(number / all.count))
        return all.shuffled(using: &random)[number % all.count]
    }

    private func make(_ fault: Fault, _ random: inout SplitMix64) throws {
        recent = recent.suffix(3) + ["\(time) \(fault.rawValue)"]
        say(recent[recent.count - 1])
        let isEffective = try scene.make(fault, &random)
        faults[fault, default: (0, 0)].made += 1
        if isEffective { faults[fault, default: (0, 0)].effective += 1 }
        try scene.heal()
        try check()
    }

    private func check() throws {
        for (name, count) in try scene.probes.counts() where count.wrong > 0 {
            wrong("\(name): \(count.wrong) wrong, first \(count.firstWrong ?? "")")
        }
    }

    /// - Parameter message: what must not have happened.
    func wrong(_ message: String) {
        wrongs.append("\(time) seed \(seed): \(message)\nfaults before: \(recent.joined(separator: "; "))")
        if wrongs.count == 1 { say("\(wrongs[0])\n\(scene.node.log.suffix(6000))") }
    }

    /// At once, also where output is no terminal.
    private func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    private var time: String {
        let seconds = (ContinuousClock.now - begun).components.seconds
        return "[\(seconds) s]"
    }

    var report: String {
        var lines = ["faults: seed \(seed), \(time)"]
        for fault in Fault.allCases {
            let (made, effective) = faults[fault] ?? (0, 0)
            let note = scene.note(on: fault).map { " (\($0))" } ?? ""
            lines.append("\(column(made)) \(column(effective))  \(fault.rawValue)\(note)")
        }
        lines.append("   made effective\n")
        for (name, count) in (try? scene.probes.counts()) ?? [] {
            for (kind, tries) in count.kinds.sorted(by: { $0.key < $1.key }) {
                lines.append("\(column(tries))  \(name): \(kind)")
            }
            lines.append("\(column(count.wrong))  \(name): wrong")
        }
        return lines.joined(separator: "\n")
    }

    private func column(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }
}
