import Agent
import Glibc
import LinuxBase
import PolicyCompiler
import SystemPackage
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

    func full(_ path: String) -> FilePath { FilePath(tree.path(path)) }

    @Test(
        "both drivers' trees are found, at any depth",
        arguments: [
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
            ("system.slice/k3s.service/kubepods", "system.slice/k3s.service/kubepods/pod\(uid)"),
        ])
    func driversAndNesting(_ pods: String, _ path: String) throws {
        let finder = try finder("\(path)/cri-containerd-1.scope", "user.slice/user-0.slice", "init.scope")
        #expect(finder.trees.map(\.path) == [pods])
        let found = try #require(finder.locate(.uid(Self.uid)))
        #expect(found.path == path && Int(found.level) == path.split(separator: "/").count)
        #expect(finder.locate(.uid("another")) == nil && finder.locate(.uid("")) == nil)
    }

    /// A container that may make cgroups must not pass for another pod.
    @Test("what is below a pod is no pod") func belowAPod() throws {
        let finder = try finder(
            "kubepods/burstable/podaaa/container/podbbb", "kubepods/burstable/podaaa/container/kubepods/podccc",
            "kubepods/burstable/podbbb")
        #expect(finder.locate(.uid("bbb"))?.path == "kubepods/burstable/podbbb")
        #expect(finder.locate(.uid("ccc")) == nil)
        #expect(finder.trees.map(\.path) == ["kubepods"])
    }

    @Test("the tree nearest to the root is believed") func nearest() throws {
        var finder = try finder("a/b/kubepods/podaaa", "kubepods/podaaa", "a/b/kubepods/podbbb")
        #expect(finder.trees.map(\.path) == ["kubepods", "a/b/kubepods"])
        #expect(finder.locate(.uid("aaa"))?.path == "kubepods/podaaa")
        #expect(finder.locate(.uid("bbb"))?.path == "a/b/kubepods/podbbb")
        tree.remove("kubepods/podaaa")
        let names = finder.apply([.directoryDisappeared(full("kubepods/podaaa"))])
        #expect(names == [.uid("aaa"), .path("kubepods/podaaa")])
        #expect(finder.locate(.uid("aaa"))?.path == "a/b/kubepods/podaaa")
    }

    @Test(
        "C11: where a node's own kubelet puts its tree",
        arguments: [
            ("kubepods", true), ("kubepods.slice", true), ("kubelet/kubepods", true),
            ("kubelet.slice/kubelet-kubepods.slice", true), ("docker/0f3a/kubelet/kubepods", false),
            ("system.slice/docker-0f3a.scope/kubepods", false), ("a/kubepods", false),
        ])
    func usual(_ tree: String, _ isUsual: Bool) {
        #expect(CgroupLayout(podsCgroup: nil).isUsual(tree) == isUsual)
        #expect(CgroupLayout(podsCgroup: tree).isUsual(tree), "as configured")
    }

    @Test("E1: levels count from the kernel's root") func levelsBelowTheRoot() throws {
        var finder = try finder("kubepods/podaaa")
        finder.rootLevel = 3
        #expect(finder.trees.map(\.level) == [4] && finder.locate(.uid("aaa"))?.level == 5)
        #expect(finder.locate(.uid("aaa"))?.tree == "kubepods")
    }

    @Test("a configured cgroup is the only one") func configured() throws {
        let finder = try finder("kubepods/podaaa", "mine/podbbb", podsCgroup: "/mine/")
        #expect(finder.trees.map(\.path) == ["mine"])
        #expect(finder.locate(.uid("aaa")) == nil)
        #expect(finder.locate(.uid("bbb"))?.path == "mine/podbbb")
    }

    @Test("a path below the root is looked at as it is now") func paths() throws {
        let finder = try finder("pods/web", "kubepods/podaaa")
        #expect(finder.locate(.path("pods/web"))?.level == 2)
        #expect(finder.locate(.path("pods/none")) == nil)
        #expect(finder.locate(.path("")) == nil, "the root is no pod's")
    }

    @Test("what appears and disappears is known without a scan") func events() throws {
        var finder = try finder("elsewhere")
        try tree.makeDirectory("kubelet/kubepods/podaaa/container")
        let appeared = finder.apply([
            .directoryAppeared(full("kubelet")), .directoryAppeared(full("kubelet/kubepods")),
            .directoryAppeared(full("kubelet/kubepods/podaaa")), .directoryAppeared("/somewhere/else"),
        ])
        #expect(
            appeared == [
                .path("kubelet"), .path("kubelet/kubepods"), .path("kubelet/kubepods/podaaa"), .uid("aaa"),
            ])
        #expect(finder.trees.map(\.path) == ["kubelet/kubepods"])
        let first = try #require(finder.locate(.uid("aaa")))
        try tree.move("kubelet/kubepods/podaaa", to: "kubelet/kubepods/other")
        #expect(finder.locate(.uid("aaa")) == nil, "gone before it is told")
        try tree.makeDirectory("kubelet/kubepods/podaaa")
        let again = finder.apply([
            .directoryDisappeared(full("kubelet/kubepods/podaaa")),
            .directoryAppeared(full("kubelet/kubepods/podaaa")),
        ])
        #expect(again.contains(.uid("aaa")))
        #expect(try #require(finder.locate(.uid("aaa"))).id != first.id)
        tree.remove("kubelet/kubepods")
        let gone = finder.apply([
            .directoryDisappeared(full("kubelet/kubepods/podaaa")), .directoryDisappeared(full("kubelet/kubepods")),
        ])
        #expect(gone.contains(.uid("aaa")) && finder.trees.isEmpty && finder.locate(.uid("aaa")) == nil)
    }

    @Test("a tree that is made again is another") func anotherTree() throws {
        var finder = try finder("kubepods")
        let old = finder.trees
        try tree.move("kubepods", to: "away")
        try tree.makeDirectory("kubepods")
        _ = finder.apply([.directoryDisappeared(full("kubepods")), .directoryAppeared(full("kubepods"))])
        #expect(finder.trees.count == 1 && finder.trees != old)
    }

    @Test("a scan finds what no event told of") func scan() throws {
        var finder = try finder("kubepods/podaaa")
        try tree.makeDirectory("kubepods/podbbb")
        tree.remove("kubepods/podaaa")
        #expect(finder.locate(.uid("bbb")) == nil)
        finder.scan()
        #expect(finder.locate(.uid("bbb")) != nil && finder.locate(.uid("aaa")) == nil)
    }

    @Test("a look that is older than the changes since takes nothing back") func oldLook() throws {
        var finder = try finder("kubepods/podaaa")
        let look = CgroupWalk(root: tree.root, layout: CgroupLayout(podsCgroup: nil))
        try tree.makeDirectory("kubepods/podbbb")
        tree.remove("kubepods/podaaa")
        _ = finder.apply([
            .directoryAppeared(full("kubepods/podbbb")), .directoryDisappeared(full("kubepods/podaaa")),
        ])
        let isComplete = finder.apply(look)
        #expect(isComplete)
        #expect(finder.locate(.uid("bbb")) != nil)
        try tree.makeDirectory("kubepods/podaaa")
        #expect(finder.locate(.uid("aaa")) == nil, "it was not taken for one that is there")
    }

    /// A tree that cannot be looked at is not an empty one.
    @Test("what is not seen is not gone") func notSeen() throws {
        var finder = try finder("kubepods/podaaa")
        tree.remove("")
        let isComplete = finder.scan()
        #expect(!isComplete && finder.trees.map(\.path) == ["kubepods"])
        #expect(finder.locate(.uid("aaa")) == nil, "what is looked at and not there is gone")
    }

    @Test("C1: a cgroup that goes while it is looked for is not there, and ends no agent")
    func goesMeanwhile() async throws {
        let path = "kubepods/pod\(Self.uid)"
        let finder = try finder(path)
        let directory = tree.path(path)
        let churn = Task.detached {
            while !Task.isCancelled {
                rmdir(directory)
                mkdir(directory, 0o755)
            }
        }
        var found = 0
        for _ in 0..<200_000 where finder.locate(.uid(Self.uid)) != nil { found += 1 }
        churn.cancel()
        await churn.value
        #expect(found > 0 && found < 200_000, "it came and went \(200_000 - found) times")
    }
}
