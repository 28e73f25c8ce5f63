import Glibc
import KernelDatapath
import Testing
import VerdictTables

@Suite struct NodeTests {
    @Test("the second agent is told who the first is") func theSecondAgentIsToldWhoTheFirstIs() throws {
        let path = "/tmp/sluice-test-lock-\(getpid())/agent.lock"
        defer {
            unlink(path)
            rmdir("/tmp/sluice-test-lock-\(getpid())")
        }
        func second() throws { _ = try AgentLock(path: path) }
        do {
            let lock = try AgentLock(path: path)
            #expect(AgentLock.holder(path: path)?.process == getpid())
            let error = #expect(throws: KernelError.self) { try second() }
            #expect(error?.operation == .lock && error?.code == EWOULDBLOCK)
            #expect(error?.description.contains("held by process \(getpid()) (") == true)
            _ = consume lock
        }
        try second()
    }

    @Test("G: an agent of another pid namespace is not called by a number that is another process's here")
    func theHolderIsInAContainer() throws {
        let directory = "/tmp/sluice-test-lock-elsewhere-\(getpid())"
        let path = "\(directory)/agent.lock"
        defer {
            unlink(path)
            rmdir(directory)
        }
        func second() throws { _ = try AgentLock(path: path) }
        let lock = try AgentLock(path: path)
        #expect(AgentLock.runningHolder(path: path)?.isElsewhere == false)
        #expect(AgentLock.runningHolder(path: path)?.text == "process \(getpid())")
        // As an agent in a container writes it: its number is that of another process on the host.
        let file = open(path, O_WRONLY | O_TRUNC)
        let text = "1 \(lock.since) 1\n"
        #expect(write(file, text, text.utf8.count) == text.utf8.count)
        close(file)
        let holder = try #require(AgentLock.runningHolder(path: path))
        #expect(holder.isElsewhere && holder.process == 1)
        let error = #expect(throws: KernelError.self) { try second() }
        let said = error?.description ?? ""
        #expect(said.contains("held by process 1 of another pid namespace"), "\(said)")
        #expect(
            !said.contains("namespace (a container's, perhaps) ("),
            "this namespace's process 1 is not told as the agent")
        _ = consume lock
    }

    let unified = "30 1 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    let hybrid = """
        31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        32 30 0:28 / /sys/fs/cgroup/net_cls,net_prio rw shared:9 - cgroup cgroup rw,net_cls,net_prio
        33 30 0:29 / /a\\040b rw - ext4 /dev/sda rw
        """

    @Test("facts from mountinfo") func factsFromMountinfo() throws {
        let plain = KernelFacts(mountinfo: unified, release: "5.10.0-30-amd64")
        #expect(plain.cgroupRoot == "/sys/fs/cgroup" && !plain.isHybrid)
        #expect(plain.version == .init(5, 10))
        try plain.check()
        let mixed = KernelFacts(mountinfo: hybrid, release: "5.15.1")
        #expect(mixed.cgroupRoot == "/sys/fs/cgroup/unified" && mixed.isHybrid)
        #expect(mixed.socketControllers == ["net_cls", "net_prio"])
        try mixed.check()
    }

    @Test("kernels that cannot are refused with the reason") func kernelsThatCannotAreRefusedWithTheReason() {
        func refusal(_ mounts: String, _ release: String) -> String {
            do {
                try KernelFacts(mountinfo: mounts, release: release).check()
                return ""
            } catch { return "\(error)" }
        }
        #expect(refusal(hybrid, "5.14.9").contains("net_cls and net_prio mounted as cgroup v1"))
        #expect(refusal(unified, "5.9.0").contains("5.10 or later"))
        #expect(refusal("", "6.1.0").contains("no cgroup2 is mounted"))
        #expect(refusal(unified, "6.1.0").isEmpty)
    }

    @Test("facts of this kernel") func factsOfThisKernel() throws {
        let facts = try KernelFacts.read()
        #expect(facts.version >= .init(5, 10) && facts.cgroupRoot != nil)
        #expect(facts.jit != nil)
    }

    @Test("cgroups by path and ID") func cgroupsByPathAndID() throws {
        try KernelFixture.with { fixture in
            let tree = fixture.tree
            #expect(tree.level(ofPath: tree.root) == 0)
            #expect(tree.level(ofPath: fixture.cgroup + "/") == 1)
            #expect(tree.level(ofPath: tree.root + "//a/b") == 2)
            #expect(tree.level(ofPath: "/elsewhere") == nil)
            #expect(try tree.path(of: fixture.cgroupID) == fixture.cgroup)
            #expect(try tree.all()[fixture.cgroupID] == fixture.cgroup)
            let id = try fixture.cgroupID
            fixture.removeCgroup()
            #expect(try tree.path(of: id) == nil)
        }
    }

    @Test("missing capabilities are named") func missingCapabilities() {
        func missing(_ effective: String) -> [String] {
            Capabilities.missing(status: "Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t\(effective)\n")
        }
        #expect(missing("000001ffffffffff") == [])
        #expect(missing("000000c000001000") == [])
        #expect(missing("0000000000200000") == [])
        #expect(missing("000000c000000000") == ["CAP_NET_ADMIN"])
        #expect(missing("0000008000001000") == ["CAP_PERFMON"])
        #expect(missing("0000000000000000") == ["CAP_NET_ADMIN", "CAP_PERFMON", "CAP_BPF"])
        #expect(Capabilities.missing(status: "") == [])
    }

    @Test("errors say what to do") func errorsSayWhatToDo() {
        let cases: [(KernelError, String)] = [
            (KernelError(.load, "the eBPF programs", code: -EPERM), "CAP_BPF"),
            (KernelError(.open, "x", code: ENOENT), "is the agent installed here?"),
            (KernelError(.write, "map rules", code: E2BIG), "old verdict stays"),
            (KernelError(.lock, "x", code: EWOULDBLOCK), "stop the other one"),
        ]
        for (error, words) in cases {
            #expect(error.description.contains(words))
            #expect(error.description.contains(error.object))
        }
        let error = KernelError(.write, "map rules", code: E2BIG, context: ["map rules is full"])
        #expect(error.name == "E2BIG")
        #expect(error.description.hasSuffix("\n  map rules is full"))
    }
}
