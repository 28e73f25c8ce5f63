import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// Port ranges, flattened to prefixes.
@Suite struct PortTests {
    private func tables(_ ports: [PolicyPort], to peers: [Peer]? = nil) -> (VerdictTables, PolicySetID) {
        let cluster = SmallCluster(
            [pod("n/p", "10.0.0.1"), policy("n/p", rule(to: peers, ports: ports))],
            options: CompilerOptions(guards: []))
        return (cluster.compiler.tables, cluster.compiler.subjects[key("n/p")]!.policySet)
    }

    /// The ports that a single rule allows, straight from the table's entries.
    private func covered(_ range: ClosedRange<UInt16>) -> [ClosedRange<UInt16>] {
        let (tables, _) = tables([tcp(range)])
        #expect(tables.ports.values.allSatisfy { $0.action == .allow })
        #expect(tables.ports.keys.allSatisfy { $0.prefix.protocolNumber == 6 && $0.prefix.length >= 8 })
        return tables.ports.keys.map(\.prefix.ports).sorted { $0.lowerBound < $1.lowerBound }
    }

    @Test("a range is covered exactly and without overlap") func aRangeIsCoveredExactlyAndWithoutOverlap() {
        var random = SplitMix64(seed: chosenSeed)
        var ranges: [ClosedRange<UInt16>] = [
            1...65535, 0...65535, 65535...65535, 0...0, 1...1, 32767...32768, 1024...65535, 1...32767, 32768...65535,
            80...81,
        ]
        for _ in 0..<300 {
            let (one, other) = (UInt16(random.number(0...65535)), UInt16(random.number(0...65535)))
            ranges.append(min(one, other)...max(one, other))
        }
        for range in ranges {
            let parts = covered(range)
            #expect(parts.first?.lowerBound == range.lowerBound)
            #expect(parts.last?.upperBound == range.upperBound)
            for (left, right) in zip(parts, parts.dropFirst()) {
                #expect(Int(left.upperBound) + 1 == Int(right.lowerBound), "\(range)")
            }
            #expect(parts.count <= 30)
        }
        #expect(covered(0...65535).count == 1)
    }

    @Test("every port of a protocol is one entry") func everyPortOfAProtocolIsOneEntry() throws {
        let (tables, set) = tables([PolicyPort(.udp, .any)])
        #expect(tables.ports.keys.map(\.prefix) == [PortPrefix(protocol: 17)])
        let address = IPAddress("192.0.2.1")!
        #expect(try tables.judge(set, to: address, protocol: 17, port: 0).decision.action == .allow)
        #expect(try tables.judge(set, to: address, protocol: 6, port: 53).decision.action == .deny)
        #expect(try tables.judge(set, to: address, protocol: 1, port: 0).decision.action == .deny)
    }

    @Test("many ports fit one block", arguments: [25, 1000])
    func manyPortsFitOneBlock(count: Int) throws {
        let ranges = (0..<count).map { (index: Int) -> ClosedRange<UInt16> in
            let first = UInt16(index * 60 + 1)
            return first...first + UInt16(index % 37)
        }
        let (tables, set) = tables(ranges.map { tcp($0) }, to: [block("192.0.2.0/24")])
        let address = IPAddress("192.0.2.1")!
        var open = Set<UInt16>()
        for range in ranges { open.formUnion(range) }
        let lookup = IndexedTables(tables)
        for port in UInt16.min...UInt16.max {
            let expected: Action = open.contains(port) ? .allow : .deny
            if try lookup.judge(set, to: address, protocol: 6, port: port).decision.action != expected {
                Issue.record("port \(port) of \(count) ranges")
                return
            }
        }
    }

    @Test("overlapping and adjacent ranges add up") func overlappingAndAdjacentRangesAddUp() throws {
        let (tables, set) = tables([tcp(80...90), tcp(85...100), tcp(101...110), tcp(110)])
        let address = IPAddress("192.0.2.1")!
        for (port, action) in [
            (79, .deny), (80, .allow), (88, .allow), (100, .allow), (101, .allow), (110, .allow), (111, .deny),
        ]
            as [(UInt16, Action)]
        {
            #expect(try tables.judge(set, to: address, protocol: 6, port: port).decision.action == action)
        }
    }

    @Test("classes that say the same share a port set") func classesThatSayTheSameShareAPortSet() {
        let (tables, _) = tables(
            [tcp(80), tcp(443)], to: [block("192.0.2.0/24"), block("198.51.100.0/24", except: "198.51.100.9/32")])
        #expect(Set(tables.ports.keys.map(\.portSet)).count == 1)
        #expect(tables.ports.count == 2)
        // Two blocks, a hole and the pod.
        #expect(tables.addresses.count == 4)
    }

    @Test("the first of two rules is named where both allow") func theFirstOfTwoRulesIsNamedWhereBothAllow() throws {
        let cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), policy("n/p", rule(0, ports: [tcp(80...90)]), rule(1, ports: [tcp(85...100)])),
        ])
        for (port, index) in [(80, 0), (85, 0), (90, 0), (91, 1), (100, 1)] as [(UInt16, Int)] {
            #expect(try cluster.cause("n/p", to: "192.0.2.1", port) == .rule(policy: key("n/p"), rule: index))
        }
    }
}
