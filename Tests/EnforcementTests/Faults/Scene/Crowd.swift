import KernelDatapath
import PacketLab
import TestHarness
import VerdictTables

/// Pods that come and go: manifests, and cgroups without processes.
final class Crowd {
    private let node: EnforcedNode
    private var cgroups: [Int: Cgroup] = [:]
    /// The first pods of the files that are there.
    private var files: Set<Int> = []

    private static let podsInFile = 25

    init(_ node: EnforcedNode) { self.node = node }

    /// Manifests and cgroups of so many pods, in any order.
    func come(_ count: Int, _ random: inout SplitMix64) throws {
        var steps = (0..<count).map { Step.cgroup($0) }
        steps += stride(from: 0, to: count, by: Self.podsInFile).map { .file($0) }
        for step in steps.shuffled(using: &random) {
            switch step {
            case .cgroup(let number):
                cgroups[number] = try node.lab.cgroup("kubepods/burstable/poddefault-crowd-\(number)")
            case .file(let first): try write(first..<(first + Self.podsInFile), &random)
            }
        }
    }

    /// Takes everything away, in any order.
    func go(_ random: inout SplitMix64) throws {
        var steps = cgroups.keys.sorted().map { Step.cgroup($0) }
        steps += files.sorted().map { .file($0) }
        for step in steps.shuffled(using: &random) {
            switch step {
            case .cgroup(let number): try cgroups.removeValue(forKey: number)?.remove()
            case .file(let first): try node.remove(Self.name(first))
            }
        }
        files = []
    }

    /// How many of them the kernel has.
    func known() throws -> Int {
        let pods = try KernelTables(pins: node.pins).pods()
        return cgroups.values.count { pods[CgroupID(rawValue: $0.id)] != nil }
    }

    private enum Step {
        case cgroup(Int), file(Int)
    }

    private static func name(_ first: Int) -> String { "crowd-\(first).yaml" }

    private func write(_ numbers: Range<Int>, _ random: inout SplitMix64) throws {
        let pods = numbers.map { number in
            Manifest.Pod(
                "crowd-\(number)", labels: "{crowd: '\(random.number(0...9))'}",
                ["10.9.\(16 + number / 200).\(number % 200)"]
            ).text
        }
        try node.write(Self.name(numbers.lowerBound), pods.joined())
        files.insert(numbers.lowerBound)
    }
}
