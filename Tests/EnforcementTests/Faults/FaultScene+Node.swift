import Glibc
import KernelDatapath
import PacketLab
import TestHarness

/// Faults of what the agent is told: too much, too fast, in any order.
extension FaultScene {
    func crowdIn(_ random: inout SplitMix64) throws -> Bool {
        var known = 0
        for round in 0..<2 {
            try crowd.come(random.number(100...220), &random)
            try flap(random.number(0...3), &random)
            if random.oneIn(3) { try kill() }
            try heal()
            // Once at least they have come before they go.
            if round == 1 || random.oneIn(2) { try node.settle() }
            known = try max(known, crowd.known())
            try crowd.go(&random)
        }
        return known >= 100
    }

    func flapPolicies(_ random: inout SplitMix64) throws -> Bool {
        let before = try generation()
        try flap(random.number(100...300), &random)
        try node.settle()
        // The marker that settling waits for is a change or two of its own.
        return try generation() &- before > 4
    }

    /// More than one of the maps can hold. The old verdicts stay until there is room.
    func fillMaps(_ random: inout SplitMix64) throws -> Bool {
        try node.settle()
        let mark = node.logMark
        switch random.number(0...2) {
        case 0:
            let blocks = (0..<900).map { "{ipBlock: {cidr: '10.8.\($0 / 200).\($0 % 200)/32'}}" }
            try node.policy("flood", egress: "[{to: [\(blocks.joined(separator: ", "))]}]")
        case 1:
            for part in 0..<4 {
                let rules = (0..<100).map { rule in
                    let ports = (0..<20).map { "{port: \(2000 + part * 8000 + rule * 70 + $0 * 3)}" }
                    return Manifest.rule("10.7.\(part).\(rule)/32", ports: "[\(ports.joined(separator: ", "))]")
                }
                try node.policy("flood-\(part)", egress: "[\(rules.joined(separator: ", "))]")
            }
        default: try crowd.come(450, &random)
        }
        let wasFull = try flap(forMs: 3000, &random) { node.log(since: mark).contains("the old verdicts stay") }
        if random.oneIn(2) { try kill() }
        try heal()
        try flap(random.number(0...5), &random)
        for name in ["flood"] + (0..<4).map({ "flood-\($0)" }) { try? node.remove("policy-\(name).yaml") }
        try crowd.go(&random)
        try node.settle()
        return wasFull
    }

    func storm(_ random: inout SplitMix64) throws -> Bool {
        let before = try KernelTables(pins: node.pins).lostEvents()
        let denials = causeDenials()
        try flap(random.number(5...30), &random)
        _ = try denials.wait()
        let after = try KernelTables(pins: node.pins).lostEvents()
        return before != after
    }

    private func generation() throws -> UInt32 {
        try KernelTables(pins: node.pins).config()?.generation ?? 0
    }
}
