import Glibc
import KernelDatapath
import LinuxBase
import Synchronization
import VerdictTables

struct NeedsRoot: Error, CustomStringConvertible {
    let description = "the kernel tests need root: run them as root"
}

/// A place of one test's own in the bpffs and in the cgroup tree.
struct KernelFixture {
    let pins: Pins
    let tree: CgroupTree
    let cgroup: String

    private static let counter = Atomic(0)

    var cgroupID: CgroupID { get throws { try CgroupTree.id(ofPath: cgroup) } }

    func load(_ capacities: [DatapathMap: UInt32] = [:]) throws {
        _ = try DatapathObject(pins: pins, capacities: capacities)
    }

    func makeCgroup() { mkdir(cgroup, 0o755) }
    func removeCgroup() { rmdir(cgroup) }

    /// Runs a test's body in a fresh fixture and leaves nothing behind.
    static func with(_ body: (KernelFixture) throws -> Void) throws {
        guard geteuid() == 0 else { throw NeedsRoot() }
        let facts = try KernelFacts.read()
        try facts.check()
        let tree = CgroupTree(root: facts.cgroupRoot ?? "")
        let number = counter.add(1, ordering: .relaxed).newValue
        let name = "sluice-test-\(getpid())-\(number)"
        let fixture = KernelFixture(
            pins: Pins(directory: "/sys/fs/bpf/\(name)"), tree: tree,
            cgroup: "\(tree.root)/\(name)")
        fixture.makeCgroup()
        defer {
            _ = try? fixture.pins.removeEverything()
            fixture.removeCgroup()
        }
        try body(fixture)
    }

    /// Whether a process in the cgroup may connect a TCP socket to 192.0.2.1
    /// (TEST-NET-1). That sends no packet, but asks the connect hook.
    func mayConnect() -> Bool {
        // In a namespace that leads nowhere: what is not refused finds no route.
        let script = """
            echo $$ > \(cgroup)/cgroup.procs &&
            ! { unshare -n bash -c 'exec 3<>/dev/tcp/192.0.2.1/9' 2>&1 | grep -q 'not permitted'; }
            """
        return run(["/bin/bash", "-c", script]) == 0
    }
}

/// Runs a program to its end. - Returns: its exit status, 128 and more if a signal ended it, -1 if it does not start.
func run(_ command: [String]) -> Int32 {
    var options = ChildProcess.Options()
    options.error = .nothing
    let process = try? ChildProcess.start(command[0], Array(command.dropFirst()), options)
    return process?.wait() ?? -1
}
