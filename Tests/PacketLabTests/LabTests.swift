import Glibc
import PacketLab
import Testing

@Suite(.serialized) struct LabTests {
    @Test("processes run in their cgroup and namespace") func processesRunInTheirCgroupAndNamespace() throws {
        let lab = try Lab()
        defer { lab.close() }
        let cgroup = try lab.cgroup("kubepods/burstable/pod1/container")
        let namespace = try lab.namespace("pod1")
        let pod = try lab.start("app", in: cgroup, namespace)
        #expect(try pod.run(.ping).count == Int(pod.pid))
        #expect(cgroup.processes == [pod.pid])
        #expect(text("/proc/\(pod.pid)/cgroup").contains("0::/\(cgroup.path)\n"))
        #expect(text("/proc/\(pod.pid)/comm") == "app\n")
        #expect(inode("/proc/\(pod.pid)/ns/net") == inode(namespace.path))
        #expect(inode(cgroup.directory) == cgroup.id)
        #expect(inode("/proc/self/ns/net") != inode(namespace.path))

        let other = try lab.cgroup("kubepods/burstable/pod2")
        try pod.demand(.moveToCgroup(path: other.directory))
        #expect(other.processes == [pod.pid])
        try pod.demand(.rename("renamed"))
        #expect(text("/proc/\(pod.pid)/comm") == "renamed\n")
        try pod.demand(.unshareNetwork)
        #expect(inode("/proc/\(pod.pid)/ns/net") != inode(namespace.path))
    }

    @Test("everything is removed") func everythingIsRemoved() throws {
        let lab = try Lab()
        let cgroup = try lab.cgroup("kubepods/pod/container")
        let wire = try lab.wire()
        let pod = try lab.start("pod", in: cgroup, wire.namespace)
        lab.close()
        #expect(pod.hasEnded)
        #expect(kill(pod.pid, 0) != 0)
        for path in [cgroup.directory, wire.namespace.path, wire.sink.path, lab.directory] {
            #expect(access(path, F_OK) != 0, "\(path) is left")
        }
        #expect(access("\(lab.cgroupRoot)/\(lab.name)", F_OK) != 0)
        #expect(throws: LabError.self) { try pod.run(.ping) }
    }

    @Test("leftovers of the dead are swept") func leftoversOfTheDeadAreSwept() throws {
        let lab = try Lab()
        defer { lab.close() }
        // No process has the highest number that there can be.
        let path = "\(lab.cgroupRoot)/sluice-test-4194304-left"
        mkdir(path, 0o755)
        mkdir("\(path)/inner", 0o755)
        let pins = "/sys/fs/bpf/sluice-test-4194304-left"
        mkdir(pins, 0o700)
        mkdir("\(pins)/links", 0o700)
        try Lab().close()
        #expect(access(path, F_OK) != 0)
        #expect(access(pins, F_OK) != 0)
        #expect(access("\(lab.cgroupRoot)/\(lab.name)", F_OK) == 0)
    }

    @Test("programs run in their cgroup") func programsRunInTheirCgroup() throws {
        let lab = try Lab()
        let cgroup = try lab.cgroup("pod")
        let output = "\(lab.directory)/output"
        let program = try lab.launch(
            ["sh", "-c", "echo hello; exec sleep 100"], in: cgroup, lab.namespace("pod"), output: output)
        for _ in 0..<1000 where text(output).isEmpty { usleep(1000) }
        #expect(text(output) == "hello\n")
        #expect(cgroup.processes == [program.pid])
        lab.close()
        #expect(program.hasEnded)
    }

    @Test("processes end when asked") func processesEndWhenAsked() throws {
        let lab = try Lab()
        defer { lab.close() }
        let pod = try lab.start("pod", in: lab.cgroup("pod"), lab.namespace("pod"))
        #expect(throws: LabError.self) { try pod.run(.exit) }
        for _ in 0..<1000 where !pod.hasEnded { usleep(1000) }
        #expect(pod.hasEnded)
    }

    private func inode(_ path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }

    private func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
