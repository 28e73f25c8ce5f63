import Agent
import PolicyCompiler
import PolicyModel
import Testing

@Suite struct CgroupLayoutTests {
    @Test(
        "names that hold a uid",
        arguments: [
            ("pod", nil), ("pod.slice", nil), ("podman", "man"), ("kubepods-burstable.slice", nil),
            ("kubepods-pod.slice", nil), ("cri-containerd-podx.scope", nil), ("xpod1", nil),
            ("kubepods-pod1_2.slice", "1-2"), ("pod1_2", "1_2"), ("pod1.slice", nil),
        ])
    func names(_ name: String, _ uid: String?) {
        #expect(CgroupLayout.uid(of: name) == uid)
    }

    @Test(
        "what a cgroup is by its path",
        arguments: [
            ("system.slice", .elsewhere, true), ("", .elsewhere, true),
            ("system.slice/cron.service", .elsewhere, false),
            ("system.slice/containerd.service/a", .elsewhere, false),
            ("dev-hugepages.mount", .elsewhere, false),
            ("system.slice/docker-1.scope", .elsewhere, true),
            ("a/b/c/d/e/f/g/h/i/j/k/l", .elsewhere, false),
            ("kubepods", .tree, true), ("kubelet.slice/kubelet-kubepods.slice", .tree, true),
            ("kubepods/burstable", .between, true),
            ("kubepods/podaaa", .pod(uid: "aaa"), false),
            ("kubepods/podaaa/c", .insidePod, false), ("kubepods/podaaa/podbbb", .insidePod, false),
            ("podaaa", .elsewhere, true),
        ] as [(String, CgroupLayout.Place, Bool)])
    func places(_ path: String, _ place: CgroupLayout.Place, _ isWatched: Bool) {
        let layout = CgroupLayout(podsCgroup: nil)
        #expect(layout.place(of: path) == place)
        #expect(layout.isWatched(path) == isWatched)
    }

    @Test("a configured tree is watched wherever it lies") func configured() {
        let layout = CgroupLayout(podsCgroup: "//system.slice/./k3s.service/pods/")
        #expect(layout.place(of: "kubepods") == .elsewhere)
        #expect(layout.place(of: "system.slice/k3s.service/pods") == .tree)
        #expect(layout.place(of: "system.slice/k3s.service/pods/podaaa") == .pod(uid: "aaa"))
        #expect(layout.isWatched("system.slice/k3s.service"))
        #expect(layout.isWatched("system.slice/k3s.service/pods/burstable"))
        #expect(!layout.isWatched("system.slice/other.service"))
        #expect(!layout.isWatched("system.slice/k3s.service/other"))
    }

    static let hash = "0123456789abcdef0123456789abcdef"

    @Test(
        "a pod's own uid counts before the hash its mirror tells",
        arguments: [
            (hash, [.uid("u"), .uid(hash)]), ("6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11", [.uid("u")]),
            ("", [.uid("u")]), (hash.uppercased(), [.uid("u")]), (hash + "0", [.uid("u")]),
            ("0123456789abcdef0123456789abcde-", [.uid("u")]),
        ] as [(String, [CgroupName])])
    func mirrors(_ hash: String, _ names: [CgroupName]) throws {
        var compiler = PolicyCompiler()
        let mirror = Pod.Mirror(hash: hash, created: "2026-01-01T00:00:00Z")
        let pod = Pod(key: NamespacedName("x", "a"), uid: "u", mirror: mirror)
        _ = compiler.update([.set(.pod(pod))])
        #expect(compiler.subjects[pod.key]?.cgroupNames == names)
    }

    @Test("a path from a manifest is the only name") func annotation() {
        var compiler = PolicyCompiler()
        let pod = Pod(key: NamespacedName("x", "a"), uid: "u", cgroupPath: "pods//./web/")
        _ = compiler.update([.set(.pod(pod))])
        #expect(compiler.subjects[pod.key]?.cgroupNames == [.path("pods/web")])
    }
}
