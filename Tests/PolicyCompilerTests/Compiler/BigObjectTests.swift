import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// What one object may ask for, and that others do not wait for it. Times are printed;
/// the limits on them leave room for a machine that does other things too.
@Suite struct BigObjectTests {
    private let clock = ContinuousClock()

    /// Rules × port ranges × nested blocks, below the API server's limit for one object.
    private func nested(rules: Int, ranges: Int, blocks: Int, name: String = "n/big") -> ClusterObject {
        let rules = (0..<rules).map { rule in
            let peers = (0..<blocks).map { index -> Peer in
                // The rules' blocks lie around one another, elsewhere in another order.
                let address = 10 << 24 | UInt32(index) << 16
                return .block(IPBlock(Prefix(IPAddress(ipv4: address), length: 96 + 16 + (rule + index) % 16)))
            }
            let ports = (0..<ranges).map { index -> PolicyPort in
                let first = UInt16(1 + index * 1000 + rule * 7)
                return tcp(first...first + 501)
            }
            return PolicyRule(.egress, index: rule, peers: peers, ports: ports)
        }
        return .networkPolicy(
            NetworkPolicy(key: key(name), podSelector: LabelSelector(), isolates: [.egress], rules: rules))
    }

    /// Blocks that do not nest.
    private func flat(_ count: Int, ports: [PolicyPort]? = [tcp(443)], name: String = "n/big") -> ClusterObject {
        let peers = (0..<count).map {
            Peer.block(IPBlock(Prefix(IPAddress(ipv4: 0x0b00_0000 + UInt32($0) * 4), length: 96 + 31)))
        }
        return .networkPolicy(
            NetworkPolicy(
                key: key(name), podSelector: LabelSelector(), isolates: [.egress],
                rules: [PolicyRule(.egress, index: 0, peers: peers, ports: ports)]))
    }

    @Test("C2: 60 rules x 60 port ranges x 250 nested blocks are refused in milliseconds, and allow nothing")
    func refused() throws {
        var cluster = SmallCluster([pod("n/p", "10.0.0.1"), pod("other/p", "10.0.0.2")])
        let big = nested(rules: 60, ranges: 60, blocks: 250)
        var changed = 0
        let coming = clock.measure { changed = cluster.compiler.update([.set(big)]).tables.count }
        let ports = cluster.compiler.tables.ports.count
        let going = clock.measure { cluster.remove(big) }
        print("C2: refused after \(coming), \(changed) entries changed, \(ports) of ports; gone after \(going)")
        #expect(coming < .seconds(1) && going < .seconds(1) && changed < 100)
        cluster.set(big)
        #expect(try cluster.action("n/p", to: "10.0.0.0", 100) == .deny)
        #expect(try cluster.action("other/p", to: "10.0.0.0", 100) == .allow)
        let said = try #require(cluster.compiler.warnings.first)
        #expect(said.severity == .error && said.object == "NetworkPolicy n/big" && said.field == "spec.egress")
        #expect(said.message.contains("65536") && said.message.contains("entries of the table of ports"))
        #expect(cluster.compiler.warnings.count == 1)
        // One that asks for less takes its place.
        cluster.set(nested(rules: 3, ranges: 4, blocks: 25))
        #expect(cluster.compiler.warnings == [])
        #expect(try cluster.action("n/p", to: "10.0.0.0", 100) == .allow)
        #expect(try cluster.action("n/p", to: "10.0.0.0", 900) == .deny)
    }

    @Test("C2: nested blocks and selectors have bounds too; what an administrator denies stays denied")
    func otherBounds() throws {
        let holes = (0..<3000).map { index -> Peer in
            block("0.0.0.0/0", except: "11.\(index / 256).\(index % 256).0/24")
        }
        let selectors = (0..<5000).map { pods(["app": "a\($0)"]) }
        for (peers, word) in [(holes, "nested blocks"), (selectors, "selectors")] {
            var cluster = SmallCluster([pod("n/p", "10.0.0.1")])
            let time = clock.measure { cluster.set(policy("n/big", rule(to: peers))) }
            print("C2: too many \(word) are refused after \(time)")
            #expect(time < .seconds(1))
            #expect(cluster.compiler.warnings.map(\.message).contains { $0.contains(word) })
            #expect(try cluster.action("n/p", to: "203.0.113.7", 80) == .deny)
        }
        let ports = (0..<30_000).map { tcp(UInt16($0 * 2)...UInt16($0 * 2)) }
        let rules = (0..<3).map { index in
            TierPolicyRule(
                .egress, index: index, action: index == 1 ? .deny : .accept,
                peers: [.network(Prefix("203.0.\(index).0/24")!), .network(Prefix("203.0.0.0/16")!)], ports: ports)
        }
        let top = ClusterNetworkPolicy(name: "top", tier: .admin, priority: 1, subject: PodSelection(), rules: rules)
        let cluster = SmallCluster([pod("n/p", "10.0.0.1"), .clusterNetworkPolicy(top)])
        #expect(cluster.compiler.warnings.map(\.object) == ["ClusterNetworkPolicy top"])
        #expect(try cluster.action("n/p", to: "203.0.0.1", 2) == .deny)
    }

    @Test("C2: what several policies ask for together about one pod is bounded as well")
    func together() throws {
        let everywhere = policy("n/ports", rule(ports: (0..<20_000).map { tcp(UInt16($0 * 3)...UInt16($0 * 3)) }))
        let many = (0..<200).map {
            rule($0, to: [block("192.0.2.\($0)/32")], ports: [tcp(UInt16(2 + $0 * 3)...UInt16(2 + $0 * 3))])
        }
        let blocks = ClusterObject.networkPolicy(
            NetworkPolicy(key: key("n/rules"), podSelector: LabelSelector(), isolates: [.egress], rules: many))
        for objects in [[everywhere, blocks], [blocks, everywhere]] {
            var cluster = SmallCluster([pod("n/p", "10.0.0.1")])
            let time = clock.measure { for object in objects { cluster.set(object) } }
            print(
                "C2: two policies that are too much together: \(time), \(cluster.compiler.tables.ports.count) entries of ports"
            )
            #expect(cluster.compiler.warnings.map(\.object) == ["NetworkPolicy n/ports"])
            #expect(cluster.compiler.warnings.allSatisfy { $0.message.contains("with the 1 other policies") })
            #expect(try cluster.action("n/p", to: "192.0.2.1", 5) == .allow)
            #expect(try cluster.action("n/p", to: "192.0.2.1", 3) == .deny)
            cluster.remove(blocks)
            #expect(cluster.compiler.warnings == [])
            #expect(try cluster.action("n/p", to: "192.0.2.1", 3) == .allow)
        }
    }

    @Test("C2: big but legal objects are cheap")
    func legal() throws {
        var cluster = SmallCluster([pod("n/p", "10.0.0.1")])
        let wide = flat(30_000, ports: (0..<1000).map { tcp(UInt16($0 * 60)...UInt16($0 * 60 + 30)) })
        let coming = clock.measure { cluster.set(wide) }
        let ports = cluster.compiler.tables.ports.count
        let going = clock.measure { cluster.remove(wide) }
        print("C2: 30,000 blocks x 1,000 port ranges: \(coming), \(ports) entries of ports; gone after \(going)")
        #expect(coming < .seconds(5) && ports < 10_000 && ports > 0)
        let deep = nested(rules: 6, ranges: 6, blocks: 25)
        let nesting = clock.measure { cluster.set(deep) }
        print(
            "C2: 6 rules x 6 port ranges x 25 nested blocks: \(nesting), \(cluster.compiler.tables.ports.count) entries of ports"
        )
        #expect(cluster.compiler.warnings == [] && nesting < .seconds(5))
    }

    @Test("C2: a big policy comes in parts, and goes in parts, while its pods keep what they had")
    func parts() throws {
        let base = [
            pod("n/p", "10.0.0.1"), pod("n/q", "10.0.0.3"), pod("other/p", "10.0.0.2"),
            policy("n/old", rule(to: [block("198.51.100.0/24")])),
        ]
        let big = flat(30_000)
        var cluster = SmallCluster(base)
        cluster.compiler.partSize = 256
        let before = try cluster.judge("n/p", to: "11.0.0.0", 443).action
        var longest = Duration.zero
        var unusedSets: [PolicySetID] = []
        func take(_ body: (inout PolicyCompiler) -> PolicyCompiler.Additions) {
            longest = max(longest, clock.measure { unusedSets += body(&cluster.compiler).unusedSets })
        }
        let all = clock.measure {
            take { $0.apply([.set(big)]) }
            let first = longest
            #expect(cluster.compiler.hasUnfinished)
            #expect(
                cluster.compiler.policiesUnderWay.map(\.policies) == [[ObjectReference(.networkPolicy, "n", "big")]])
            var turns = 0
            while cluster.compiler.hasUnfinished {
                #expect((try? cluster.action("n/p", to: "11.0.0.0", 443)) == before || !cluster.compiler.hasUnfinished)
                take { $0.proceed() }
                turns += 1
                if turns == 10 {
                    // Others go on, new pods under the same policies wait with it.
                    take {
                        $0.apply([
                            .set(policy("other/small", rule(to: [block("203.0.113.0/24")]))),
                            .set(pod("n/new", "10.0.0.9")),
                        ])
                    }
                    #expect((try? cluster.action("other/p", to: "8.8.8.8")) == .deny)
                    #expect(cluster.compiler.subjects[key("n/new")] == nil)
                }
            }
            print("C2: first turn \(first), longest of \(turns) turns \(longest)")
        }
        print("C2: 30,000 blocks in parts of 256: \(all) in all, longest turn \(longest)")
        #expect(longest < .milliseconds(400))
        _ = cluster.compiler.reclaim(unusedSets)
        let small = policy("other/small", rule(to: [block("203.0.113.0/24")]))
        #expect(cluster.compiler.tables == SmallCluster(base + [big, small, pod("n/new", "10.0.0.9")]).compiler.tables)
        #expect(try cluster.action("n/p", to: "11.0.0.0", 443) == .allow)

        longest = .zero
        unusedSets = []
        take { $0.apply([.remove(big.reference)]) }
        let departing = clock.measure { _ = cluster.compiler.reclaim(unusedSets) }
        unusedSets = []
        while cluster.compiler.hasUnfinished { take { $0.proceed() } }
        print("C2: gone in parts: longest turn \(max(longest, departing))")
        #expect(max(longest, departing) < .milliseconds(400))
        #expect(cluster.compiler.tables == SmallCluster(base + [small, pod("n/new", "10.0.0.9")]).compiler.tables)
    }

    @Test("C2: a big policy that changes while it comes in leaves nothing behind")
    func changes() throws {
        let base = [pod("n/p", "10.0.0.1"), pod("other/p", "10.0.0.2")]
        var cluster = SmallCluster(base)
        cluster.compiler.partSize = 256
        var unusedSets: [PolicySetID] = []
        func settle() {
            _ = cluster.compiler.reclaim(unusedSets)
            unusedSets = []
        }
        // Edited, taken back to what it was, edited again, removed.
        for (number, size) in [3000, 4000, 3000, 5000, 0].enumerated() {
            unusedSets += cluster.compiler.apply([size == 0 ? .remove(flat(1).reference) : .set(flat(size))]).unusedSets
            if number % 2 == 0 { settle() }
            for _ in 0..<3 { unusedSets += cluster.compiler.proceed().unusedSets }
        }
        unusedSets += cluster.compiler.apply([.set(flat(2000))]).unusedSets
        while cluster.compiler.hasUnfinished || !unusedSets.isEmpty {
            unusedSets += cluster.compiler.proceed().unusedSets
            settle()
        }
        #expect(cluster.compiler.tables == SmallCluster(base + [flat(2000)]).compiler.tables)
        #expect(cluster.compiler.policiesUnderWay.isEmpty)
    }

    @Test("C2: a service with too many endpoints is nobody's, and told of")
    func crowdedService() throws {
        var cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), pod("free/p", "10.0.0.2"), policy("n/p", rule()), service("n/s", "10.96.0.1"),
        ])
        let endpoints = (0..<70_000).map {
            EndpointSlice.Endpoint(addresses: [IPAddress(ipv4: 0x0b00_0000 + UInt32($0))], ready: true)
        }
        let crowd = ClusterObject.endpointSlice(
            EndpointSlice(
                key: key("n/s"), serviceName: "s", ports: [EndpointSlice.Port(name: "", protocol: .tcp, number: 80)],
                endpoints: endpoints))
        let time = clock.measure { cluster.set(crowd) }
        print("C2: a service with 70,000 endpoints is refused after \(time)")
        for pod in ["n/p", "free/p"] { #expect(try cluster.action(pod, to: "10.96.0.1", 80) == .deny) }
        #expect(cluster.compiler.warnings.map(\.object) == ["Service n/s"])
        cluster.remove(crowd)
        for pod in ["n/p", "free/p"] { #expect(try cluster.action(pod, to: "10.96.0.1", 80) == .allow) }
        #expect(cluster.compiler.warnings == [])
    }
}
