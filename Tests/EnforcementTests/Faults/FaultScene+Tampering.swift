import Glibc
import KernelDatapath
import PacketLab
import TestHarness
import VerdictTables

/// What root takes away. Until the agent has put it back, in some seconds, nothing denies.
extension FaultScene {
    private var kubepods: CgroupID {
        get throws { try CgroupID(rawValue: node.lab.cgroup("kubepods").id) }
    }

    func detachLinks(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        let cgroup = try kubepods
        let ways = random.some(DatapathProgram.allCases).map {
            (link: node.pins.path($0, at: cgroup), isUnpinned: random.oneIn(3))
        }
        var gone = 0
        try probes.withoutPrograms {
            for (link, isUnpinned) in ways {
                let isGone =
                    try isUnpinned
                    ? unlink(link) == 0 : Command.run("bpftool", ["link", "detach", "pinned", link]).status == 0
                if isGone { gone += 1 }
            }
            try awaitRepair(of: cgroup)
        }
        return gone > 0
    }

    /// Of maps and programs, which go on without; or of links too, by which they go off.
    func deletePins(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        let cgroup = try kubepods
        let paths =
            random.some(DatapathMap.allCases).map { node.pins.path($0) }
            + random.some(DatapathProgram.allCases).map { node.pins.path($0) }
        var gone = paths.count { unlink($0) == 0 }
        if random.oneIn(2) {
            try awaitRepair(of: cgroup)
        } else {
            try probes.withoutPrograms {
                gone += DatapathProgram.allCases.count { unlink(node.pins.path($0, at: cgroup)) == 0 }
                try awaitRepair(of: cgroup)
            }
        }
        return gone > 0
    }

    private func awaitRepair(of cgroup: CgroupID) throws {
        try node.waitUntil("repair") {
            let paths =
                DatapathMap.allCases.map { node.pins.path($0) } + DatapathProgram.allCases.map { node.pins.path($0) }
            guard paths.allSatisfy({ access($0, F_OK) == 0 }) else { return false }
            let links = try Attachments(pins: node.pins).list().filter { $0.cgroup == cgroup }
            return links.count == DatapathProgram.allCases.count && links.allSatisfy(\.isLive)
        }
    }
}
