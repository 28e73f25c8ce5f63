import Agent
import PolicyCompiler
import PolicyModel
import TestHarness
import Testing
import VerdictTables

/// The finder only lists and stats directories, so a plain tree will do.
@Suite struct CgroupFinderTests {
    let tree: TemporaryDirectory
    static let uid = "6b1e5d0a-1f7c-4f7e-9d27-0d1f6f1c5a11"
    static let slice = "pod6b1e5d0a_1f7c_4f7e_9d27_0d1f6f1c5a11.slice"

    init() throws { tree = try TemporaryDirectory() }

    func finder(_ directories: String..., podsCgroup: String? = nil) throws -> CgroupFinder {
        for directory in directories { try tree.makeDirectory(directory) }
        var finder = CgroupFinder(root: tree.root, podsCgroup: podsCgroup)
        let isComplete = finder.scan()
        try #require(isComplete)
        return finder
    }

    func subject(_ uid: String, at path: String? = nil) -> Subject {
        let pod = Pod(key: NamespacedName("x", "a"), uid: uid, cgroupPath: path)
        var compiler = PolicyCompiler()
        _ = compiler.update([.set(.pod(pod))])
        return compiler.subjects[pod.key]!
    }

    @Test(arguments: [
        ("kubepods", "kubepods/burstable/pod\(uid)"),
        ("kubepods", "kubepods/pod\(uid)"),
        ("kubepods.slice", "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-\(slice)"),
        ("kubepods.slice", "kubepods.slice/kubepods-\(slice)"),
        (
            "kubelet.slice/kubelet-kubepods.slice",
            "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-\(slice)"
        ),
        ("kubelet/kubepods", "kubelet/kubepods/besteffort/pod\(uid)"),
        ("docker/0f3a/kubelet/kubepods", "docker/0f3a/kubelet/kubepods/burstable/pod\(uid)"),
        (
            "system.slice/docker-0f3a.scope/kubelet.slice/kubelet-kubepods.slice",
            "system.slice/docker-0f3a.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-\(slice)"
        ),
    ])
    func driversAndNesting(_ pods: String, _ path: String) throws {
        let finder = try finder("\(path)/cri-containerd-1.scope", "user.slice/user-0.slice", "init.scope")
        #expect(finder.podsCgroups == [pods])
        let found = try #require(finder.locate(subject(Self.uid)))
        #expect(found.path == path && Int(found.level) == path.split(separator: "/").count)
        #expect(finder.locate(subject("another")) == nil && finder.locate(subject("")) == nil)
    }

    @Test func aStaticPodsUIDIsAHash() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        let cgroupfs = try finder("kubepods/burstable/pod\(hash)")
        #expect(cgroupfs.locate(subject(hash))?.path == "kubepods/burstable/pod\(hash)")
        #expect(CgroupFinder.uid(of: "kubepods-burstable-pod\(hash).slice") == hash)
    }

    @Test(arguments: [
        ("pod", nil), ("pod.slice", nil), ("podman", "man"), ("kubepods-burstable.slice", nil),
        ("kubepods-pod.slice", nil), ("cri-containerd-podx.scope", nil), ("xpod1", nil),
        ("kubepods-pod1_2.slice", "1-2"), ("pod1_2", "1_2"), ("pod1.slice", nil),
    ])
    func names(_ name: String, _ uid: String?) {
        #expect(CgroupFinder.uid(of: name) == uid)
    }

    /// A container that may make cgroups must not pass for another pod.
    @Test func whatIsBelowAPodIsNoPod() throws {
        let finder = try finder(
            "kubepods/burstable/podaaa/container/podbbb", "kubepods/burstable/podaaa/container/kubepods/podccc",
            "kubepods/burstable/podbbb")
        #expect(finder.locate(subject("bbb"))?.path == "kubepods/burstable/podbbb")
        #expect(finder.locate(subject("ccc")) == nil)
        #expect(finder.podsCgroups == ["kubepods"])
    }

    @Test func theTreeNearestToTheRootIsBelieved() throws {
        let finder = try finder("a/b/kubepods/podaaa", "kubepods/podaaa", "a/b/kubepods/podbbb")
        #expect(finder.podsCgroups == ["kubepods", "a/b/kubepods"])
        #expect(finder.locate(subject("aaa"))?.path == "kubepods/podaaa")
        #expect(finder.locate(subject("bbb"))?.path == "a/b/kubepods/podbbb")
    }

    @Test func aConfiguredCgroupIsTheOnlyOne() throws {
        let finder = try finder("kubepods/podaaa", "mine/podbbb", podsCgroup: "/mine/")
        #expect(finder.podsCgroups == ["mine"])
        #expect(finder.locate(subject("aaa")) == nil)
        #expect(finder.locate(subject("bbb"))?.path == "mine/podbbb")
    }

    @Test func anAnnotationIsAPathBelowTheRoot() throws {
        let finder = try finder("pods/web", "kubepods/podaaa")
        #expect(finder.locate(subject("aaa", at: "pods//./web/"))?.path == "pods/web")
        #expect(finder.locate(subject("aaa", at: "pods//./web/"))?.level == 2)
        #expect(finder.locate(subject("aaa", at: "pods/none")) == nil)
        #expect(finder.locate(subject("aaa", at: ".")) == nil, "the root is no pod's")
    }

    @Test func cgroupsComeAndGo() throws {
        var finder = try finder("kubepods")
        #expect(finder.locate(subject("aaa")) == nil)
        try tree.makeDirectory("kubepods/podaaa")
        finder.scan()
        #expect(finder.locate(subject("aaa")) != nil)
        tree.remove("kubepods/podaaa")
        #expect(finder.locate(subject("aaa")) == nil, "gone before the next scan")
        finder.scan()
        #expect(finder.podsCgroups == ["kubepods"])
    }

    /// A tree that cannot be looked at is not an empty one.
    @Test func whatIsNotSeenIsNotGone() throws {
        var finder = try finder("kubepods/podaaa")
        tree.remove("")
        let isComplete = finder.scan()
        #expect(!isComplete && finder.podsCgroups == ["kubepods"])
        #expect(finder.locate(subject("aaa")) == nil, "what is looked at and not there is gone")
    }
}
