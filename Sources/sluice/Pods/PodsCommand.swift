import AgentAPI
import AgentConfiguration
import ArgumentParser
import KernelDatapath
import PolicyCompiler
import PolicyModel
import VerdictTables

struct PodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pods",
        abstract: "This node's pods: how they are enforced, and their packets by verdict.",
        discussion: """
            The counters begin when the pod enters the kernel's map. DENIED counts dropped
            packets, AUDITED packets that passed in audit mode.

            Examples:
              sluice pods
              sluice pods -n shop --denied -o wide
            """)

    @Option(name: [.customShort("n"), .long], help: "Show only this namespace's pods.")
    var namespace: String?

    @Flag(help: "Sort by denied packets, the most first.")
    var denied = false

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: WideFormatOption

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            guard let snapshot = view.snapshot else {
                throw Failure.failed("no snapshot says which pods there are: start sluiced, or say --state-dir")
            }
            let nodeAudits = view.config.settings.flags.contains(.audit)
            let pods = snapshot.pods.filter { pod in namespace.map { pod.pod.hasPrefix("\($0)/") } ?? true }
            var rows = try pods.map { pod in
                let entry = try pod.cgroupID.flatMap { try view.tables.pod($0) }
                return PodRow(
                    pod, counters: try entry.map { try view.tables.counters(slot: $0.slot) },
                    nodeAudits: nodeAudits)
            }
            rows.sort {
                denied && $0.deniedCount != $1.deniedCount ? $0.deniedCount > $1.deniedCount : $0.pod < $1.pod
            }
            switch output.format {
            case .json: try printJSON(rows)
            case .table: show(rows, PodRow.header, \.cells, width: Page.width)
            case .wide: show(rows, PodRow.header + PodRow.wideHeader, \.wideCells, width: .max)
            }
            view.mentionAgent()
        }
    }

    private func show(_ rows: [PodRow], _ header: [String], _ cells: (PodRow) -> [String], width: Int) {
        var table = Table(header)
        for row in rows { table.add(cells(row)) }
        table.print(width: width)
    }
}

/// A pod of the node, as it is printed.
struct PodRow: Encodable {
    struct Packets: Encodable {
        var allowed: UInt64
        var denied: UInt64
        var audited: UInt64
        var held: UInt64
        var allowedBytes: UInt64
    }

    var pod: String
    var state: Snapshot.Pod.State
    var isolated: Bool
    var audit: Bool
    var hostNetwork: Bool
    /// The guards that do not apply.
    var exemptions: [Guard.Kind]
    var policies: [String]
    @EncodesNil var workload: String?
    var addresses: [String]
    @EncodesNil var cgroup: String?
    /// Why its packets meet no verdict; null if they do.
    @EncodesNil var unenforceable: String?
    /// Null where the kernel has no entry.
    @EncodesNil var packets: Packets?

    init(_ pod: Snapshot.Pod, counters: FlowCounters?, nodeAudits: Bool) {
        self.pod = pod.pod
        state = pod.state
        isolated = pod.isolated
        audit = pod.audit || nodeAudits
        hostNetwork = pod.hostNetwork
        exemptions = pod.exemptions
        policies = pod.policies
        workload = pod.workload?.description
        addresses = pod.addresses
        cgroup = pod.cgroup
        unenforceable = pod.unenforceable
        packets = counters.map {
            Packets(
                allowed: $0.allowed.packets, denied: $0.denied.packets, audited: $0.audit.packets,
                held: $0.held.packets, allowedBytes: $0.allowed.bytes)
        }
    }

    var deniedCount: UInt64 { packets?.denied ?? 0 }

    static let header = ["POD", "STATE", "EGRESS", "POLICIES", "ALLOWED", "DENIED", "AUDITED", "NOTES"]
    static let wideHeader = ["WORKLOAD", "ADDRESSES", "BYTES", "HELD", "CGROUP", "POLICY NAMES"]

    var cells: [String] {
        [
            pod, state.rawValue, egress, String(policies.count), count(\.allowed), count(\.denied),
            count(\.audited), notes,
        ]
    }

    var wideCells: [String] {
        cells + [
            workload ?? "-", listed(addresses), count(\.allowedBytes), count(\.held), cgroup ?? "-",
            listed(policies),
        ]
    }

    private func count(_ part: KeyPath<Packets, UInt64>) -> String {
        packets.map { String($0[keyPath: part]) } ?? "-"
    }

    private func listed(_ texts: [String]) -> String { texts.isEmpty ? "-" : texts.joined(separator: ", ") }

    private var egress: String { (isolated ? "isolated" : "open") + (audit && isolated ? " (audit)" : "") }

    private var notes: String {
        let guards = exemptions.map { "no \($0.text) guard" }
        return listed((unenforceable.map { [$0] } ?? []) + (hostNetwork ? ["host network"] : []) + guards)
    }
}

extension Guard.Kind {
    /// For people.
    var text: String {
        switch self {
        case .metadata: "metadata"
        case .nodePorts: "node-port"
        case .sockets: "socket"
        case .sources: "source"
        }
    }
}
