import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct LearnedMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learned",
        abstract:
            "The DNS answers that pods of this node received for names that a rule covers, and how long they count.",
        discussion: """
            Examples:
              sluice maps learned
              sluice maps learned --all -o json
            """)

    @Flag(help: "Also names that no rule of the pod covers, and expired ones.")
    var all = false

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["POD", "NAME", "ADDRESS", "RULE", "SECONDS LEFT"]
        var pod: String
        var name: String
        var address: String
        /// Whether a rule of the pod spoke of it when it was heard.
        var covered: Bool
        /// Whether a rule of the pod takes it as the name of such an address: of one that is not public, a rule does
        /// only where its policy says so.
        var opens: Bool
        var secondsLeft: UInt64
        var cells: [String] {
            [pod, name, address, covered ? opens ? "yes" : "not for this address" : "no", String(secondsLeft)]
        }
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let now = KernelClock.now()
            func until(_ entry: LearnedNames.Entry) throws -> UInt64 {
                let pod = try view.tables.pod(entry.name.pod)
                return try pod.map { entry.name.counts(grace: try view.nameGrace(entry.name, $0.policySet)) }
                    ?? entry.name.expires
            }
            let entries = try LearnedNames(pins: view.pins).all().map { ($0, try until($0)) }.filter { entry, until in
                all || (entry.isCovered && until > now)
            }
            try output.format.show(
                entries.map { entry, until in
                    Row(
                        pod: view.podName(entry.name.pod), name: entry.name.name,
                        address: entry.place.address.description, covered: entry.isCovered,
                        opens: try view.opens(entry),
                        secondsLeft: until > now ? (until - now) / 1_000_000_000 : 0)
                })
        }
    }
}

extension NodeView {
    /// Whether a rule of the pod takes the name as one of the address.
    fileprivate func opens(_ entry: LearnedNames.Entry) throws -> Bool {
        guard let pod = try tables.pod(entry.name.pod), let name = DomainName(entry.name.name) else { return false }
        return try tables.covers(name, in: pod.policySet, at: entry.place.address)
    }
}
