import Agent
import AgentAPI
import AgentConfiguration
import Glibc
import KernelDatapath
import ManifestSource
import PolicyCompiler
import Synchronization
import TestHarness
import VerdictTables

/// A place of one test's own for agents to run in: pins, state, manifests and
/// cgroups, all gone at the end.
final class AgentLab: Sendable {
    let files: TemporaryDirectory
    let pins: Pins
    /// Where cgroup v2 is mounted.
    let root: String
    /// The lab's own cgroup, below the root.
    let top: String
    private let agents = Mutex<[RunningProgram]>([])

    private static let counter = Atomic(0)

    static func with(_ body: (AgentLab) async throws -> Void) async throws {
        let lab = try AgentLab()
        do {
            try await body(lab)
        } catch {
            let logs = lab.agents.withLock { $0.map(\.log) }.joined(separator: "\n")
            lab.tearDown()
            throw Unexpected("\(error)\nthe agents said:\n\(logs)")
        }
        lab.tearDown()
    }

    private init() throws {
        guard geteuid() == 0 else { throw Unexpected("the agent's tests need root: run them as root") }
        guard let root = try KernelFacts.read().cgroupRoot else { throw Unexpected("no cgroup v2 is mounted") }
        self.root = root
        files = try TemporaryDirectory()
        top = "sluice-test-\(getpid())-agent\(Self.counter.add(1, ordering: .relaxed).newValue)"
        pins = Pins(directory: "/sys/fs/bpf/\(top)")
        try files.makeDirectory("manifests")
        makeCgroup("")
    }

    private func tearDown() {
        for agent in agents.withLock({ $0 }) { agent.end() }
        _ = try? pins.removeEverything()
        removeCgroup("")
    }

    // MARK: The agent and the tool

    var places: [String] { ["--bpffs", pins.directory, "--state-dir", files.path("state")] }

    var configuration: Configuration {
        var configuration = Configuration()
        configuration.source = .manifests(files.path("manifests"))
        configuration.healthAddress = nil
        configuration.nodeName = "lab"
        configuration.podsCgroup = "\(top)/none"
        configuration.bpffs = pins.directory
        configuration.stateDirectory = files.path("state")
        return configuration
    }

    /// Starts an agent and does not wait.
    func launch(_ options: [String] = []) throws -> RunningProgram {
        let number = agents.withLock { $0.count }
        let agent = try RunningProgram(
            Programs.path("sluiced"),
            [
                "--source", files.path("manifests"), "--node-name", "lab", "--pods-cgroup", "\(top)/none",
                "--health-address", "",
            ] + places + options, err: files.path("log-\(number)"))
        agents.withLock { $0.append(agent) }
        return agent
    }

    /// Starts an agent and waits until it enforces what the manifests say, and
    /// the tool can read its names.
    func start(_ options: [String] = []) async throws -> RunningProgram {
        let agent = try launch(options)
        try await eventually("the agent enforces", describing: { agent.log }) { agent.log.contains("enforcing ") }
        try await eventually("the agent's snapshot is there", describing: { agent.log }) {
            try Snapshot.read(from: files.path("state"))?.agent == agent.process
        }
        return agent
    }

    func tool(_ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("sluice", arguments + places)
    }

    // MARK: Cgroups

    func cgroupPath(_ name: String) -> String { name.isEmpty ? "\(root)/\(top)" : "\(root)/\(top)/\(name)" }
    func makeCgroup(_ name: String) { mkdir(cgroupPath(name), 0o755) }
    func cgroupID(_ name: String) throws -> CgroupID { try CgroupTree.id(ofPath: cgroupPath(name)) }

    func removeCgroup(_ name: String) {
        let path = cgroupPath(name)
        for entry in TemporaryDirectory.names(path) where !entry.contains(".") {
            removeCgroup(name.isEmpty ? entry : "\(name)/\(entry)")
        }
        for _ in 0..<100 {
            if rmdir(path) == 0 || errno == ENOENT { return }
            usleep(20_000)
        }
    }

    /// Whether a process in the cgroup may connect a TCP socket there. That sends
    /// no packet, but asks the connect hook.
    func mayConnect(from cgroup: String, to address: String) async throws -> Bool {
        // In a namespace that leads nowhere: what is not refused finds no route.
        let script = """
            echo $$ > \(cgroupPath(cgroup))/cgroup.procs &&
            ! { unshare -n bash -c 'exec 3<>/dev/tcp/\(address)/9' 2>&1 | grep -q 'not permitted'; }
            """
        return try await Programs.run("/bin/bash", ["-c", script]).status == 0
    }

    // MARK: Manifests and tables

    func write(_ name: String, _ text: String) throws { try files.write("manifests/\(name)", text) }

    /// A pod in the namespace `shop`, whose cgroup has the pod's own name.
    func pod(_ name: String, _ address: String, labels: String = "", cgroup: String? = nil) -> String {
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: \(name)
          namespace: shop
          labels: {name: \(name)\(labels.isEmpty ? "" : ", \(labels)")}
          annotations: {sluice.dev/cgroup: \(top)/\(cgroup ?? name)}
        spec: {nodeName: lab}
        status: {podIP: \(address), phase: Running}

        """
    }

    /// A policy that lets every pod of `shop` reach these blocks alone.
    func policy(_ name: String, blocks: [String]) -> String {
        """
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: \(name), namespace: shop}
        spec:
          podSelector: {}
          policyTypes: [Egress]
          egress:
          - to: [\(blocks.map { "{ipBlock: {cidr: \($0)}}" }.joined(separator: ", "))]

        """
    }

    /// What the manifests, as they are, should lead to.
    func desired() throws -> VerdictTables {
        var store = ManifestStore()
        for name in TemporaryDirectory.names(files.path("manifests")) {
            let path = files.path("manifests/\(name)")
            store.update(file: path, contents: TemporaryDirectory.bytes(path))
        }
        var compiler = PolicyCompiler(options: configuration.compilerOptions)
        _ = compiler.update(store.drainChanges())
        var tables = compiler.tables
        for subject in compiler.subjects.values {
            guard let path = subject.cgroupPath, let id = try? CgroupTree.id(ofPath: "\(root)/\(path)") else {
                continue
            }
            tables.pods[id] = subject.entry
        }
        return tables
    }

    /// What the kernel holds, but for counter slots.
    func kernelTables() throws -> VerdictTables {
        var tables = try KernelTables(pins: pins).tables()
        for cgroup in tables.pods.keys { tables.pods[cgroup]?.slot = 0 }
        return tables
    }

    /// Waits until the kernel holds what the manifests say.
    func settled() async throws {
        try await eventually("the kernel holds what the manifests say") { try kernelTables() == desired() }
    }

    /// Detaches every program, as somebody with bpftool would; the pins stay.
    func detachEverything() async throws {
        let script = "for link in \(pins.directory)/links/*/*; do bpftool link detach pinned $link; done"
        _ = try await Programs.run("/bin/sh", ["-c", script])
    }

    /// The links' numbers by place; nil for one that is not in force.
    func links() throws -> [String: UInt32?] {
        var links: [String: UInt32?] = [:]
        for attached in try Attachments(pins: pins).list() {
            let key = "\(attached.cgroup.rawValue) \(attached.program.rawValue)"
            if case .live(let link, _) = attached.state { links[key] = .some(link) } else { links[key] = .some(nil) }
        }
        return links
    }
}
