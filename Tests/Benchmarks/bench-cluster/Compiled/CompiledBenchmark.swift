import Agent
import AgentAPI
import BenchmarkSupport
import KernelDatapath
import KubernetesObjects
import PacketLab
import PolicyCompiler
import PolicyModel
import VerdictTables

/// The agent's compiler and its writer of tables in this process, timed without API and sockets.
struct CompiledBenchmark {
    private let cluster: RecordedCluster
    private let changes: Int

    init(_ cluster: RecordedCluster, changes: Int) {
        self.cluster = cluster
        self.changes = changes
    }

    func run() throws -> CompileReport {
        let lab = try Lab()
        defer { lab.close() }
        let pins = Pins(directory: "/sys/fs/bpf/\(lab.name)")
        _ = try DatapathObject(pins: pins)
        let driver = try TableDriver(pins: pins)
        let settings = NodeSettings(levels: [4])
        let objects = try RecordedKind.allCases.flatMap { try read($0, cluster.page($0, from: 0, limit: .max / 2)) }

        var node = NodeState(
            options: CompilerOptions(subjects: .node(RecordedCluster.node, includingUnassigned: false)))
        let begun = secondsNow()
        _ = node.update(objects, locate: locate)
        let compiled = secondsNow()
        let tables = node.tables
        let repair = try driver.compareAndRepair(desired: tables, settings: settings)
        let applied = secondsNow()
        guard node.pods.count == cluster.localPods else { throw BenchmarkError("\(node.pods.count) pods were found") }

        return CompileReport(
            pods: cluster.pods, policies: cluster.policies, localPods: cluster.localPods,
            compile: compiled - begun, apply: applied - compiled, entries: repair.differing,
            changes: try ChangeKind.ofObjects.map { try time($0, &node, driver, settings) })
    }

    private func time(
        _ kind: ChangeKind, _ node: inout NodeState, _ driver: TableDriver, _ settings: NodeSettings
    ) throws -> CompileReport.Change {
        var milliseconds: [Double] = []
        var entries: [Int] = []
        for index in 0..<changes {
            let (_, recorded, object) = kind.event(index, cluster)
            let change = try read(recorded, RecordedCluster.list(recorded, [object]))
            let begun = secondsNow()
            var touched = 0
            for step in node.update(change, locate: locate) {
                let applied = try driver.apply(step, settings: settings)
                touched += applied.puts + applied.removals + applied.deferred
            }
            milliseconds.append((secondsNow() - begun) * 1000)
            // In no change's way.
            let removals = node.reclaim(node.drainUnusedSets())
            if !removals.isEmpty {
                let applied = try driver.apply(removals, settings: settings)
                touched += applied.puts + applied.removals + applied.deferred
            }
            try driver.reclaim()
            entries.append(touched)
        }
        return CompileReport.Change(kind.rawValue, milliseconds: milliseconds, entries: entries)
    }

    private func read(_ kind: RecordedKind, _ list: String) throws -> [ClusterChange] {
        guard let reference = ObjectReference.Kind(rawValue: kind.kind) else {
            throw BenchmarkError("there is no kind \(kind.kind)")
        }
        var changes: [ClusterChange] = []
        // A page has a limit of its own; here everything is one.
        let limits = TextLimits(bytes: .max)
        _ = try ListReader(reference, limits: limits).read(Array(list.utf8)) { item in
            if let object = item.object { changes.append(.set(object)) }
        }
        return changes
    }

    /// Any number is a cgroup's to the map.
    private func locate(_ name: CgroupName) -> PodCgroup? {
        guard case .uid(let uid) = name, let index = RecordedCluster.index(ofUID: uid) else { return nil }
        return PodCgroup(id: CgroupID(rawValue: 1 << 40 + UInt64(index)), path: "kubepods/pod\(uid)", level: 4)
    }
}
