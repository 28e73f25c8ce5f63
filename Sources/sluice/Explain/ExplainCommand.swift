import Agent
import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why a pod of this node may or may not connect somewhere.",
        discussion: """
            Asks the kernel's own maps, whether or not the agent runs.

            Examples:
              sluice explain shop/web --to 10.0.0.7:5432
              sluice explain shop/web --to 203.0.113.7:443 --as api.example.com

            Names that resolvers told the pod count by themselves; --as adds others.
            """)

    @Argument(help: "The pod, as namespace/name.")
    var pod: String

    @Option(help: "The destination: \(Destination.form).")
    var to: String

    @Option(help: "A domain name that the pod was told the address for; may be given again.")
    var `as`: [String] = []

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Explanation: Encodable {
        var pod: String
        var to: String
        var port: UInt16
        var `protocol`: String
        var verdict: String
        var reason: String
        @Nulled var policy: String?
        @Nulled var rule: Int?
        /// What the destination is.
        var destination: String
        /// The domain name by which it is allowed, where the address alone is not.
        @Nulled var name: String?
        var addressClass: String
        var policySet: String
        var policies: [String]
        var generation: UInt32
        var agentRunning: Bool
    }

    func run() throws {
        try exiting {
            guard let key = NamespacedName(argument: pod) else {
                throw Failure.badInput("\(pod): write namespace/name")
            }
            let destination = try Destination(to)
            let names = try `as`.map { text in
                guard let name = DomainName(text) else { throw Failure.badInput("--as \(text): not a domain name") }
                return name
            }
            let view = try NodeView(node)
            let explanation = try explain(key, destination, names, view)
            switch output.format {
            case .json: try printJSON(explanation)
            case .table: show(explanation)
            }
            view.mentionAgent()
        }
    }

    private func explain(
        _ key: NamespacedName, _ destination: Destination, _ names: [DomainName], _ view: NodeView
    ) throws -> Explanation {
        guard case .address(let address) = destination.host else {
            throw Failure.badInput("\(to): give one of its addresses, and the name with --as")
        }
        let pod = try view.pod(key)
        guard let cgroup = pod.cgroupID, let entry = try view.tables.pod(cgroup) else {
            throw Failure.notSo(
                "the kernel has no entry for \(key): \(pod.cgroup.map { "cgroup \($0) is not in the map" } ?? "its cgroup has not been found")")
        }
        let judgement = try view.tables.judge(
            entry.policySet, to: address, protocol: destination.protocol.number(to: address),
            port: destination.port, names: entry.flags.contains(.names) ? names + view.names(of: address, told: cgroup) : [])
        let cause = view.names.causes[judgement.decision.cause]
        let own = address.isLoopback || pod.addresses.contains(address.description)
        return Explanation(
            pod: pod.pod, to: address.description, port: destination.port,
            protocol: destination.protocol.rawValue,
            verdict: own ? "allow" : verdict(judgement.decision.action, entry, view.config.settings),
            reason: own ? "it is the pod itself" : view.describe(judgement.decision.cause),
            policy: own ? nil : cause?.policy, rule: own ? nil : cause?.rule,
            destination: own ? "the pod itself" : view.describe(judgement.addressClass),
            name: own ? nil : judgement.name?.description,
            addressClass: judgement.addressClass.description, policySet: entry.policySet.description,
            policies: pod.policies, generation: view.config.generation, agentRunning: view.agent != nil)
    }

    private func verdict(_ action: Action, _ pod: PodEntry, _ settings: NodeSettings) -> String {
        switch action {
        case .allow, .pastGuard: "allow"
        case .guard: "deny"
        case .audit: "audit"
        case .deny:
            settings.flags.contains(.audit) || pod.flags.contains(.audit) ? "audit" : "deny"
        }
    }

    private func show(_ explanation: Explanation) {
        let port = explanation.protocol == "ICMP" ? "" : " port \(explanation.port)"
        print(
            "\(explanation.verdict.uppercased())  \(explanation.pod) to \(explanation.to)\(port) \(explanation.protocol)")
        Page.print("  because", explanation.reason + (explanation.name.map { ", as \($0)" } ?? ""))
        Page.print("  destination", explanation.destination)
        Page.print(
            "  policies", explanation.policies.isEmpty ? "no policy" : explanation.policies.joined(separator: ", "))
        Page.print("  looked up", "address class \(explanation.addressClass), policy set \(explanation.policySet)")
        Page.print(
            "  kernel maps",
            "generation \(explanation.generation), agent \(explanation.agentRunning ? "running" : "not running")")
    }
}
