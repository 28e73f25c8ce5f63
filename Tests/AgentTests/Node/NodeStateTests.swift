import Agent
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct NodeStateTests {
    var state = NodeState(options: CompilerOptions())

    /// A pod whose uid is its name.
    func pod(_ name: String, _ address: String, labels: Labels = [:], at path: String? = nil) -> ClusterChange {
        .set(
            .pod(
                Pod(
                    key: NamespacedName("x", name), uid: name, labels: labels,
                    addresses: [IPAddress(address)!], cgroupPath: path)))
    }

    func policy(_ block: String, selecting labels: Labels = [:]) -> ClusterChange {
        let peer = Peer.block(IPBlock(Prefix(block)!))
        return .set(
            .networkPolicy(
                NetworkPolicy(
                    key: NamespacedName("x", "p"), podSelector: LabelSelector(matchLabels: labels),
                    isolates: [.egress], rules: [PolicyRule(.egress, index: 0, peers: [peer], ports: nil)])))
    }

    static func cgroup(_ number: UInt64, level: UInt8 = 2) -> PodCgroup {
        PodCgroup(id: CgroupID(rawValue: number), path: "pods/\(number)", level: level)
    }

    @Test("pod before cgroup") mutating func podBeforeCgroup() {
        let steps = state.update([pod("a", "10.0.0.1")]) { _ in nil }
        #expect(state.pods.isEmpty && steps.allSatisfy { $0.pods.isEmpty })
        let found = state.relocate { _ in Self.cgroup(7) }
        #expect(found.count == 1 && Array(found[0].pods.keys) == [CgroupID(rawValue: 7)])
        #expect(found[0].addresses.isEmpty && found[0].rules.isEmpty)
        #expect(state.tables.pods[CgroupID(rawValue: 7)]?.policySet == .guardsOnly)
        let again = state.relocate { _ in Self.cgroup(7) }
        #expect(again == [], "nothing new")
    }

    @Test("cgroup before pod") mutating func cgroupBeforePod() {
        let steps = state.update([pod("a", "10.0.0.1")]) { _ in Self.cgroup(7) }
        #expect(steps.contains { $0.pods[CgroupID(rawValue: 7)] != nil })
        #expect(state.owners == [CgroupID(rawValue: 7): NamespacedName("x", "a")])
    }

    @Test("a cgroup that is gone takes its entry along") mutating func aCgroupThatIsGoneTakesItsEntryAlong() {
        _ = state.update([pod("a", "10.0.0.1")]) { _ in Self.cgroup(7) }
        let gone = state.relocate { _ in nil }
        #expect(gone.count == 1 && gone[0].pods == [CgroupID(rawValue: 7): nil])
        let back = state.relocate { _ in Self.cgroup(8) }
        #expect(back.count == 1 && Array(back[0].pods.keys) == [CgroupID(rawValue: 8)])
    }

    @Test("a cgroup that is replaced is one step") mutating func aCgroupThatIsReplacedIsOneStep() {
        _ = state.update([pod("a", "10.0.0.1")]) { _ in Self.cgroup(7) }
        let steps = state.relocate { _ in Self.cgroup(8) }
        #expect(steps.count == 1 && Set(steps[0].pods.keys.map(\.rawValue)) == [7, 8])
    }

    @Test("a pod of a manifest that is gone takes its entry along")
    mutating func aPodOfAManifestThatIsGoneTakesItsEntryAlong() {
        _ = state.update([pod("a", "10.0.0.1", at: "pods/7")]) { _ in Self.cgroup(7) }
        #expect(state.cgroupIndex.cgroupsElsewhere.count == 1)
        let steps = state.update([.remove(ObjectReference(.pod, NamespacedName("x", "a")))]) { _ in Self.cgroup(7) }
        #expect(state.pods.isEmpty && state.owners.isEmpty && state.cgroupIndex.cgroupsElsewhere.isEmpty)
        #expect(steps.contains { $0.pods == [CgroupID(rawValue: 7): nil] })
    }

    @Test("of two pods in one cgroup the first by name has it")
    mutating func ofTwoPodsInOneCgroupTheFirstByNameHasIt() {
        _ = state.update([policy("10.0.0.0/8", selecting: ["app": "b"])]) { _ in nil }
        let pods = [pod("b", "10.0.0.2", labels: ["app": "b"], at: "pods/7"), pod("a", "10.0.0.1", at: "pods/7")]
        _ = state.update(pods) { _ in Self.cgroup(7) }
        let (a, b) = (NamespacedName("x", "a"), NamespacedName("x", "b"))
        #expect(state.owners == [CgroupID(rawValue: 7): a] && state.podsSharingCgroup == [b: a])
        #expect(state.pods[CgroupID(rawValue: 7)]?.policySet == .guardsOnly)
        let steps = state.update([.remove(ObjectReference(.pod, a))]) { _ in Self.cgroup(7) }
        #expect(state.owners == [CgroupID(rawValue: 7): b] && state.podsSharingCgroup.isEmpty)
        #expect(steps.contains { $0.pods[CgroupID(rawValue: 7)] != nil })
        #expect(state.pods[CgroupID(rawValue: 7)]?.flags == [.isolated, .addressed])
    }

    @Test("levels are those of pods that were found") mutating func levelsAreThoseOfPodsThatWereFound() {
        _ = state.update([pod("a", "10.0.0.1"), pod("b", "10.0.0.2"), pod("c", "10.0.0.3")]) { name in
            switch name {
            case .uid("a"): Self.cgroup(7, level: 3)
            case .uid("b"): Self.cgroup(8, level: 5)
            default: nil
            }
        }
        #expect(state.levels == [3, 5])
        _ = state.relocate { $0 == .uid("a") ? Self.cgroup(7, level: 3) : nil }
        #expect(state.levels == [3])
    }

    @Test("only the pods concerned are looked for") mutating func onlyThoseConcerned() {
        let pods = [pod("a", "10.0.0.1"), pod("b", "10.0.0.2"), pod("c", "10.0.0.3", at: "pods/9")]
        _ = state.update(pods) { _ in nil }
        var asked: [CgroupName] = []
        let steps = state.relocate([.uid("b"), .path("pods/9"), .uid("unknown")]) {
            asked.append($0)
            return $0 == .uid("b") ? Self.cgroup(8) : Self.cgroup(9)
        }
        #expect(Set(asked) == [.uid("b"), .path("pods/9")])
        #expect(steps.count == 1 && Set(steps[0].pods.keys.map(\.rawValue)) == [8, 9])
    }

    /// New sets come in with the pods that point to them, and go when they are let go.
    @Test("sets stay until they depart") mutating func setsStayUntilTheyDepart() throws {
        let id = CgroupID(rawValue: 7)
        _ = state.update([pod("a", "10.0.0.1"), policy("10.1.0.0/16")]) { _ in Self.cgroup(7) }
        let old = try #require(state.pods[id]).policySet
        var tables = state.tables
        let steps = state.update([policy("10.2.0.0/16")]) { _ in Self.cgroup(7) }
        let new = try #require(state.pods[id]).policySet
        #expect(old != new && steps.count == 1 && steps[0].pods[id] != nil)
        for step in steps { tables = step.applied(to: tables) }
        #expect(tables == state.tables)
        for set in [old, new] { #expect(tables.rules[RuleKey(set, .other)] != nil) }
        #expect(state.hasUnusedSets)
        let removals = state.reclaim(state.drainUnusedSets())
        #expect(removals.rules[RuleKey(old, .other)] == .some(nil))
        #expect(!state.hasUnusedSets && removals.applied(to: tables) == state.tables)
        #expect(state.tables.rules[RuleKey(new, .other)] != nil)
    }

    @Test("a set that is back before it departs stays") mutating func back() throws {
        let id = CgroupID(rawValue: 7)
        _ = state.update([pod("a", "10.0.0.1"), policy("10.1.0.0/16")]) { _ in Self.cgroup(7) }
        let set = try #require(state.pods[id]).policySet
        let tables = state.tables
        _ = state.update([policy("10.2.0.0/16")]) { _ in Self.cgroup(7) }
        let unusedSets = state.drainUnusedSets()
        _ = state.update([policy("10.1.0.0/16")]) { _ in Self.cgroup(7) }
        _ = state.reclaim(unusedSets)
        #expect(state.pods[id]?.policySet == set && state.tables.rules[RuleKey(set, .other)] != nil)
        _ = state.reclaim(state.drainUnusedSets())
        #expect(state.tables == tables)
    }

    @Test("what changes nothing is no step") mutating func whatChangesNothingIsNoStep() {
        _ = state.update([pod("a", "10.0.0.1"), policy("10.1.0.0/16")]) { _ in Self.cgroup(7) }
        let steps = state.update([pod("a", "10.0.0.1"), policy("10.1.0.0/16")]) { _ in Self.cgroup(7) }
        #expect(steps == [])
    }
}
