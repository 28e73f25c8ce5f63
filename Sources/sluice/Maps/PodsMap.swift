import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct PodsMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pods", abstract: "The pods in the kernel's map, with their counters.",
        discussion: "Example: sluice maps pods -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["POD", "POLICIES", "MODE", "ALLOWED", "DENIED", "AUDIT", "HELD", "CGROUP"]
        var pod: String
        var policies: String
        var mode: String
        var allowedPackets: UInt64
        var allowedBytes: UInt64
        var deniedPackets: UInt64
        var auditPackets: UInt64
        var heldPackets: UInt64
        var cgroup: UInt64
        var policySet: String

        var cells: [String] {
            [
                pod, policies, mode, String(allowedPackets), String(deniedPackets), String(auditPackets),
                String(heldPackets), String(cgroup),
            ]
        }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let rows = try view.tables.tables().pods.map { cgroup, entry in
                let counters = try view.tables.counters(slot: entry.slot)
                return Row(
                    pod: view.podName(cgroup), policies: view.describe(entry.policySet),
                    mode: entry.flags.contains(.audit) ? "audit" : "enforce",
                    allowedPackets: counters.allowed.packets, allowedBytes: counters.allowed.bytes,
                    deniedPackets: counters.denied.packets, auditPackets: counters.audit.packets,
                    heldPackets: counters.held.packets, cgroup: cgroup.rawValue,
                    policySet: entry.policySet.description)
            }
            try output.format.show(rows.sorted { $0.pod < $1.pod })
        }
    }
}
