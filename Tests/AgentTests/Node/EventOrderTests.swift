import Agent
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// Pods and cgroups come and go in every order; after each event the node's
/// tables are compared with what a look at everything would say.
@Suite struct EventOrderTests {
    enum Event: Hashable, CaseIterable {
        case firstPod, firstCgroup, removal, firstCgroupGone, secondPod, secondCgroup, policy
    }

    /// How cgroups' events reach the state.
    enum Telling: CaseIterable { case byName, byScan }

    /// Every order in which the events can happen; `without` leaves one out.
    static func orders(without missing: Event? = nil) -> [[Event]] {
        let pairs: [(Event, Event)] = [
            (.firstPod, .removal), (.removal, .secondPod), (.firstPod, .secondPod), (.firstCgroup, .firstCgroupGone),
        ]
        func extend(_ begun: [Event]) -> [[Event]] {
            let left = Event.allCases.filter { $0 != missing && !begun.contains($0) }
            guard !left.isEmpty else { return [begun] }
            return left.filter { next in
                pairs.allSatisfy { $0.1 != next || $0.0 == missing || begun.contains($0.0) }
            }.flatMap { extend(begun + [$0]) }
        }
        return extend([])
    }

    @Test("every order of a pod, its cgroup and their ends, and another of that name", arguments: Telling.allCases)
    func everyOrder(_ telling: Telling) throws {
        let orders = Self.orders()
        #expect(orders.count == 420, "7! orders, a sixth and half of which are possible")
        for order in orders { try World.run(telling, order) }
    }

    @Test("a pod may be replaced without a word of its removal", arguments: Telling.allCases)
    func replaced(_ telling: Telling) throws {
        for order in Self.orders(without: .removal) { try World.run(telling, order) }
    }

    @Test("nothing is left once all are gone") func nothingLeft() throws {
        for order in Self.orders() {
            var world = try World.run(.byName, order)
            world.cgroups = [:]
            _ = world.state.update([.remove(ObjectReference(.pod, World.key))], locate: world.locate)
            _ = world.state.relocate([.uid("1"), .uid("2")], locate: world.locate)
            #expect(world.state.pods.isEmpty && world.state.subjects.isEmpty && world.state.deleted.keys.isEmpty)
            #expect(world.state.levels.isEmpty && world.state.owners.isEmpty)
        }
    }

    /// What is so, beside what the state makes of it.
    struct World {
        static let key = NamespacedName("x", "a")

        var state = NodeState(options: CompilerOptions())
        let telling: Telling
        /// By uid.
        var cgroups: [String: PodCgroup] = [:]
        private var pod: Pod?
        private var policy = Self.policy("10.1.0.0/16", "1")
        /// Pods that were seen in their cgroup.
        private var seen: [String: Pod] = [:]
        private var tables: VerdictTables

        init(_ telling: Telling) {
            self.telling = telling
            tables = state.tables
            apply(state.update([.set(.networkPolicy(policy))]) { _ in nil })
        }

        static func pod(_ uid: String) -> Pod {
            Pod(key: key, uid: uid, labels: ["is": uid], addresses: [IPAddress("10.0.0.\(uid)")!])
        }

        static func policy(_ block: String, _ label: String) -> NetworkPolicy {
            NetworkPolicy(
                key: NamespacedName("x", "p"), podSelector: LabelSelector(matchLabels: ["is": label]),
                isolates: [.egress],
                rules: [PolicyRule(.egress, index: 0, peers: [.block(IPBlock(Prefix(block)!))], ports: nil)])
        }

        func locate(_ name: CgroupName) -> PodCgroup? {
            guard case .uid(let uid) = name else { return nil }
            return cgroups[uid]
        }

        @discardableResult
        static func run(_ telling: Telling, _ order: [Event]) throws -> World {
            var world = World(telling)
            for (index, event) in order.enumerated() {
                world.happen(event)
                try world.check("\(order[...index])")
            }
            return world
        }

        private mutating func happen(_ event: Event) {
            switch event {
            case .firstPod: set(Self.pod("1"))
            case .secondPod: set(Self.pod("2"))
            case .removal:
                pod = nil
                apply(state.update([.remove(ObjectReference(.pod, Self.key))], locate: locate))
            case .policy:
                policy = Self.policy("10.2.0.0/16", "1")
                policy.podSelector = LabelSelector()
                apply(state.update([.set(.networkPolicy(policy))], locate: locate))
            case .firstCgroup: cgroup("1", PodCgroup(id: CgroupID(rawValue: 11), path: "k/pod1", level: 2))
            case .secondCgroup: cgroup("2", PodCgroup(id: CgroupID(rawValue: 12), path: "k/b/pod2", level: 3))
            case .firstCgroupGone: cgroup("1", nil)
            }
            if let pod, cgroups[pod.uid] != nil { seen[pod.uid] = pod }
        }

        private mutating func set(_ new: Pod) {
            pod = new
            apply(state.update([.set(.pod(new))], locate: locate))
        }

        private mutating func cgroup(_ uid: String, _ cgroup: PodCgroup?) {
            cgroups[uid] = cgroup
            if cgroup == nil { seen[uid] = nil }
            switch telling {
            case .byName: apply(state.relocate([.uid(uid)], locate: locate))
            case .byScan: apply(state.relocate(locate))
            }
        }

        private mutating func apply(_ steps: [TableChanges]) {
            for step in steps { tables = step.applied(to: tables) }
        }

        private func check(_ order: String) throws {
            var expected: [CgroupID: PodEntry] = [:]
            for (uid, cgroup) in cgroups {
                guard var known = seen[uid] else { continue }
                if pod?.uid != uid { known.addresses = [] }
                var compiler = PolicyCompiler()
                _ = compiler.update([.set(.networkPolicy(policy)), .set(.pod(known))])
                expected[cgroup.id] = compiler.subjects[known.key]?.entry
            }
            try #require(state.pods == expected, "\(order)")
            try #require(tables == state.tables, "\(order): the steps come to the tables")
            for uid in ["1", "2"] {
                let address = Prefix(host: IPAddress("10.0.0.\(uid)")!)
                let isPeer = state.tables.addresses[address] != nil
                try #require(isPeer == (pod?.uid == uid), "\(order): \(uid) is a peer")
            }
            let sets = Set(state.pods.values.map(\.policySet)).union([.guardsOnly])
            for set in sets { try #require(tables.rules[RuleKey(set, .other)] != nil, "\(order)") }
            try #require(state.levels == Set(cgroups.filter { seen[$0.key] != nil }.values.map(\.level)), "\(order)")
            try #require(state.podsSharingCgroup.isEmpty, "\(order)")
        }
    }
}
