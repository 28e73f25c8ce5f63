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
        let (cgroup, random) = try (kubepods, random)
        try probes.withoutPrograms {
            var random = random
            for program in DatapathProgram.allCases where random.oneIn(2) {
                let link = node.pins.path(program, at: cgroup)
                if random.oneIn(3) {
                    unlink(link)
                } else {
                    _ = try Command.run("bpftool", ["link", "detach", "pinned", link])
                }
            }
            try awaitRepair(of: cgroup)
        }
        return true
    }

    /// Of maps and programs, which go on without; or of links too, by which they go off.
    func deletePins(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        let cgroup = try kubepods
        for map in DatapathMap.allCases where random.oneIn(2) { unlink(node.pins.path(map)) }
        for program in DatapathProgram.allCases where random.oneIn(2) { unlink(node.pins.path(program)) }
        if random.oneIn(2) { return try repaired(cgroup) }
        try probes.withoutPrograms {
            for program in DatapathProgram.allCases { unlink(node.pins.path(program, at: cgroup)) }
            try awaitRepair(of: cgroup)
        }
        return true
    }

    private func repaired(_ cgroup: CgroupID) throws -> Bool {
        try awaitRepair(of: cgroup)
        return true
    }

    private func awaitRepair(of cgroup: CgroupID) throws {
        try node.waitUntil("repair") {
            let paths = DatapathMap.allCases.map { node.pins.path($0) } + DatapathProgram.allCases.map { node.pins.path($0) }
            guard paths.allSatisfy({ access($0, F_OK) == 0 }) else { return false }
            let links = try Attachments(pins: node.pins).list().filter { $0.cgroup == cgroup }
            return links.count == DatapathProgram.allCases.count && links.allSatisfy(\.isLive)
        }
    }
}
