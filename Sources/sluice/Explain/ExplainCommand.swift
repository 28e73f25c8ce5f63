import AgentAPI
import AgentConfiguration
import ArgumentParser
import KernelDatapath
import PolicyModel
import VerdictTables

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why a pod of this node may or may not connect somewhere.",
        discussion: """
            Asks the kernel's own maps, whether or not the agent runs, and answers for a
            packet that is sent now.

            A service or a pod is looked up where the agent has its objects; each of
            its addresses must be allowed. A domain name is allowed if each address is
            that the pod was told for it and that still counts. Where it was told none,
            "until the pod asks for it" says that the verdict changes with the answer.

            Examples:
              sluice explain shop/web --to 10.0.0.7:5432
              sluice explain shop/web --to shop/api:http
              sluice explain shop/web --to kube-system/kube-dns:53/udp
              sluice explain shop/web --to api.example.com:443
              sluice explain shop/web --to 203.0.113.7:443 --as api.example.com

            Names that resolvers told the pod count by themselves; --as supposes that
            it was told others.
            """)

    @Argument(help: "The pod, as namespace/name.")
    var pod: String

    @Option(help: "The destination: \(DestinationArgument.form).")
    var to: String

    @Option(help: "A domain name that the pod was told the address for; may be given again.")
    var `as`: [String] = []

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    func run() async throws {
        try await exiting {
            guard let key = NamespacedName(pod) else {
                throw Failure.badInput("\(pod): write namespace/name")
            }
            let destination = try DestinationArgument(to)
            let names = try `as`.map { text in
                guard let name = DomainName(text) else { throw Failure.badInput("--as \(text): not a domain name") }
                return name
            }
            let view = try NodeView(node)
            let subject = try ExplainedPod(key, view)
            switch destination {
            case .place(let place): try explain(place, to: subject, names)
            case .object(let object):
                guard names.isEmpty else { throw Failure.badInput("--as is for addresses, not for \(object.key)") }
                let objects = try await ClusterLookup.objects(named: object.key, source: view.snapshot?.source ?? "")
                try show(ObjectExplanation(subject, to: ResolvedObject(object, among: objects)))
            }
            view.mentionAgent()
        }
    }

    private func explain(_ place: Destination, to subject: ExplainedPod, _ names: [DomainName]) throws {
        switch place.host {
        case .address(let address): try show(AddressExplanation(subject, to: address, place, names))
        case .name(let name):
            guard names.isEmpty else { throw Failure.badInput("--as is for addresses; \(name) is a name already") }
            try show(NameExplanation(subject, to: name, place))
        }
    }

    private func show(_ explanation: some Explanation) throws {
        switch output.format {
        case .json: try printJSON(explanation)
        case .table: explanation.print()
        }
    }
}
