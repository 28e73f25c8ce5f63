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
            Asks the kernel's own maps, whether or not the agent runs. A domain name is allowed if
            each address is that the pod was told for it and that still counts; where there is none,
            the verdict is what a public address would meet.

            Examples:
              sluice explain shop/web --to 10.0.0.7:5432
              sluice explain shop/web --to api.example.com:443
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
            let subject = try ExplainedPod(key, view)
            switch destination.host {
            case .address(let address): try show(AddressExplanation(subject, to: address, destination, names))
            case .name(let name):
                guard names.isEmpty else { throw Failure.badInput("--as is for addresses; \(name) is a name already") }
                try show(NameExplanation(subject, to: name, destination))
            }
            view.mentionAgent()
        }
    }

    private func show(_ explanation: some Explanation) throws {
        switch output.format {
        case .json: try printJSON(explanation)
        case .table: explanation.print()
        }
    }
}
