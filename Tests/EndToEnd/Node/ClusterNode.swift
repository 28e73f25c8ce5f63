import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import TestHarness
import VerdictTables

/// A node with pods, the agent on it, and ways to wait for what the agent knows.
final class ClusterNode {
    let kubelet: Kubelet
    let agent: AgentContainer
    /// How often ``settle()`` was called.
    private var marker: UInt32 = 0

    var controlPlane: ControlPlane { kubelet.controlPlane }

    /// The agent does not run yet.
    ///
    /// - Parameters:
    ///   - kustomization: the folder of the one whose DaemonSet the agent is of.
    ///   - settings: lines for the end of its configuration file.
    ///   - arguments: further ones, after those of the DaemonSet.
    init(
        _ cluster: Cluster, _ name: String, driver: CgroupDriver = .systemd,
        kustomization: String = Repository.path("manifests"), settings: String = "", arguments: [String] = []
    ) throws {
        kubelet = try Kubelet(cluster, name, driver: driver)
        agent = try AgentContainer(
            kubelet, name, kustomization: kustomization, settings: settings, arguments: arguments)
    }

    func close() {
        agent.kill()
        _ = try? agent.pins.removeEverything()
    }

    /// Starts the agent and waits until it says that it is ready.
    func start() throws {
        try agent.start()
        try awaitReady()
    }

    func awaitReady() throws { try waitUntil("the agent is ready") { try isReady } }

    /// What its readiness probe would be told.
    var isReady: Bool { get throws { try probe(agent.spec.containers[0].readinessProbe) } }
    var isAlive: Bool { get throws { try probe(agent.spec.containers[0].livenessProbe) } }

    private func probe(_ probe: ContainerSpec.Container.Probe) throws -> Bool {
        // The container's command, in the folder that it has as /run/sluice.
        let command = probe.exec.command
        return try Command.run(
            Executables.path(command[0]), command.dropFirst() + ["--state-dir", "\(agent.directory)/state"]
        ).status == 0
    }

    // MARK: Waiting

    /// Waits for a condition, half a minute at most.
    func waitUntil(
        _ what: String, seconds: Int = 30, everyMs pause: Int = 5, _ condition: () throws -> Bool
    ) throws {
        try blockUntil(
            what, within: .seconds(seconds), every: .milliseconds(pause),
            describing: { "the agent's log:\n\(quietLog)" }, unless: { agent.program?.hasEnded == true }, condition)
    }

    /// The end of the agent's log, without what comes often.
    private var quietLog: String {
        agent.log.split(separator: "\n")
            .filter { !$0.contains("DENIED") && !$0.contains("entries changed") }
            .suffix(40).joined(separator: "\n")
    }

    /// Waits until the agent has logged a line with all the words, after the first characters.
    func awaitLog(_ words: String..., after start: Int = 0) throws {
        try waitUntil("the log says \(words)") {
            agent.log.dropFirst(start).split(separator: "\n").contains { line in
                words.allSatisfy(line.contains)
            }
        }
    }

    /// Waits until the kernel has what the API had before the call, pods and policies alike.
    ///
    /// Pods and policies come by watches of their own, in no common order. So a pod changes its
    /// address, and a policy gets another block; then both are looked for in the kernel.
    func settle() throws {
        let namespace = "marker-\(kubelet.nodeName)"
        let address = IPAddress(ipv4: 0xc613_0000 + marker)
        let block = IPAddress(ipv4: 0xc612_0000 + marker)
        let pod = Pod("marker", in: namespace, labels: "{marker: 'yes'}", "\(address)")
        if marker == 0 {
            try controlPlane.kubectl("create", "namespace", namespace)
            _ = try kubelet.create(pod)
        }
        marker += 1
        try kubelet.report(pod, "Running")
        let peers = "[{podSelector: {matchLabels: {marker: 'yes'}}}, {ipBlock: {cidr: \(block)/32}}]"
        try controlPlane.kubectl(
            "apply", text: Manifest.policy("marker", namespace, egress: "[{to: \(peers)}]"))
        // Everything that backs off does so for half a minute at most.
        try waitUntil("the last marker is in the kernel", seconds: 60) {
            guard let tables = try? KernelTables(pins: agent.pins) else { return false }
            return try tables.addressClass(of: address) != .other && tables.addressClass(of: block) != .other
        }
    }

    /// Whether the kernel has an entry for the address.
    func mentions(_ address: String) throws -> Bool {
        try KernelTables(pins: agent.pins).addressClass(of: Endpoint(address, 0).address) != .other
    }

    /// Whether the kernel has an entry for the pod.
    func knows(_ pod: RunningPod) throws -> Bool {
        try KernelTables(pins: agent.pins).pod(CgroupID(rawValue: pod.cgroup.id)) != nil
    }

    /// What became of a pod's packets.
    func counters(_ pod: RunningPod) throws -> FlowCounters { try counters(of: pod.cgroup) }

    /// - Parameter cgroup: the pod's own.
    func counters(of cgroup: Cgroup) throws -> FlowCounters {
        let tables = try KernelTables(pins: agent.pins)
        guard let entry = try tables.pod(CgroupID(rawValue: cgroup.id)) else {
            throw LabError("counters", "no such pod in the kernel")
        }
        return try tables.counters(slot: entry.slot)
    }
}
