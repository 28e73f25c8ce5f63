import Agent
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// A static pod's cgroup bears its hash, which anybody may write on a pod.
@Suite struct StaticPodTests {
    static let hash = "0123456789abcdef0123456789abcdef"
    static let id = CgroupID(rawValue: 7)
    static let etcd = NamespacedName("kube-system", "etcd")
    static let forged = NamespacedName("a", "forged")
    var state = NodeState(options: CompilerOptions())

    func mirror(_ key: NamespacedName, _ uid: String, _ created: String, hash: String = hash) -> ClusterChange {
        .set(.pod(Pod(key: key, uid: uid, mirror: Pod.Mirror(hash: hash, created: "2026-01-01T00:00:\(created)Z"))))
    }

    static func located(_ name: CgroupName) -> PodCgroup? {
        name == .uid(hash) ? PodCgroup(id: id, path: "kubepods/pod\(hash)", level: 2) : nil
    }

    static func removal(_ key: NamespacedName) -> ClusterChange { .remove(ObjectReference(.pod, key)) }

    @Test("its mirror has the cgroup") mutating func found() {
        _ = state.update([mirror(Self.etcd, "u", "05")], locate: Self.located)
        #expect(state.owners == [Self.id: Self.etcd])
    }

    @Test("a mirror made later gets nothing, in whatever order they are told", arguments: [true, false])
    mutating func forgery(_ forgedFirst: Bool) {
        let changes = [mirror(Self.etcd, "u", "05"), mirror(Self.forged, "v", "06")]
        for change in forgedFirst ? changes.reversed() : changes {
            _ = state.update([change], locate: Self.located)
        }
        #expect(state.owners == [Self.id: Self.etcd] && state.podsSharingCgroup == [Self.forged: Self.etcd])
        _ = state.update([Self.removal(Self.forged)], locate: Self.located)
        #expect(state.podsSharingCgroup.isEmpty && state.deleted.keys.isEmpty)
    }

    @Test("a mirror that is made again takes its own place", arguments: [0, 1, 2])
    mutating func madeAgain(_ batches: Int) {
        _ = state.update([mirror(Self.etcd, "u", "05"), mirror(Self.forged, "v", "06")], locate: Self.located)
        let again = mirror(Self.etcd, "w", "09")
        switch batches {
        case 0: _ = state.update([again], locate: Self.located)
        case 1: _ = state.update([Self.removal(Self.etcd), again], locate: Self.located)
        default:
            _ = state.update([Self.removal(Self.etcd)], locate: Self.located)
            #expect(state.owners[Self.id]?.name == "etcd (deleted, u)", "not the forged one's")
            _ = state.update([again], locate: Self.located)
        }
        #expect(state.owners == [Self.id: Self.etcd] && state.podsSharingCgroup == [Self.forged: Self.etcd])
        // Its next change says nothing of its predecessor.
        _ = state.update([again], locate: Self.located)
        _ = state.relocate(Self.located)
        #expect(state.owners == [Self.id: Self.etcd] && state.deleted.keys.isEmpty)
    }

    @Test("an annotation names no ordinary pod's cgroup") mutating func noUID() {
        let victim = "6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11"
        _ = state.update([mirror(Self.forged, "v", "00", hash: victim)]) {
            $0 == .uid(victim) ? PodCgroup(id: Self.id, path: "kubepods/pod\(victim)", level: 2) : nil
        }
        #expect(state.owners.isEmpty)
    }

    @Test("a pod with a cgroup of its own has that one") mutating func ownCgroup() {
        let both: (CgroupName) -> PodCgroup? = {
            $0 == .uid("v") ? PodCgroup(id: CgroupID(rawValue: 8), path: "kubepods/podv", level: 2) : Self.located($0)
        }
        _ = state.update([mirror(Self.forged, "v", "00")], locate: Self.located)
        #expect(state.owners == [Self.id: Self.forged], "as long as it may be a static pod")
        _ = state.relocate([.uid("v")], locate: both)
        #expect(state.owners == [CgroupID(rawValue: 8): Self.forged])
        // Its own cgroup is not left behind under cover of the annotation.
        _ = state.update([mirror(Self.forged, "w", "01")], locate: both)
        #expect(state.owners[CgroupID(rawValue: 8)]?.name == "forged (deleted, v)")
    }
}
