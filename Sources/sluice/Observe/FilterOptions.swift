import ArgumentParser
import Flows

/// Which flows are wanted: one option for each kind of criterion.
struct FilterOptions: ParsableArguments {
    @Option(help: "ALLOWED, DENIED, AUDIT or HELD.")
    var verdict: [String] = []

    @Option(help: "The pod that sends: namespace/name, or name; either may end in *.")
    var fromPod: [String] = []

    @Option(name: [.customShort("n"), .long], help: "The namespace of either end; it may end in *.")
    var namespace: [String] = []

    @Option(help: "The workload of either end: name, or Kind/name.")
    var workload: [String] = []

    @Option(name: .customLong("to-ip"), help: "The destination: an address or a CIDR block.")
    var toIP: [String] = []

    @Option(help: "The destination's port, or a range such as 8000-8100.")
    var toPort: [String] = []

    @Option(help: "The destination: a pod, as for --from-pod.")
    var toPod: [String] = []

    @Option(help: "The destination: a service, by its address.")
    var toService: [String] = []

    @Option(name: .customLong("to-fqdn"), help: "The destination: a domain name, or *. and a domain.")
    var toFQDN: [String] = []

    @Option(help: "TCP, UDP, SCTP, ICMP, or a protocol's number.")
    var `protocol`: [String] = []

    @Option(help: "The name of the sending process, if known; it may end in *.")
    var process: [String] = []

    @Flag(help: "Only flows that a guard decided, or that passed one.")
    var guarded = false

    @Flag(help: "Before a filter: exclude the flows that it matches.")
    var not = false

    @OptionGroup var unwanted: UnwantedOptions

    func validate() throws {
        if not {
            throw ValidationError("--not stands before an option that filters, for instance --not --to-port 53")
        }
    }

    /// - Throws: `Failure` for what cannot be read.
    func filter(since: FlowTime? = nil) throws -> FlowFilter {
        let wanted: [(FlowCriterion.Kind, [String])] = [
            (.verdict, verdict), (.fromPod, fromPod), (.namespace, namespace), (.workload, workload),
            (.toIP, toIP), (.toPort, toPort), (.toPod, toPod), (.toService, toService),
            (.toFQDN, toFQDN), (.protocol, `protocol`), (.process, process), (.guarded, guarded ? ["true"] : []),
        ]
        do {
            return FlowFilter(
                wanted: try Self.criteria(wanted), unwanted: try Self.criteria(unwanted.texts), since: since)
        } catch let error as UnreadableCriterion {
            throw Failure.badInput(error.description)
        }
    }

    private static func criteria(_ texts: [(FlowCriterion.Kind, [String])]) throws -> [FlowCriterion] {
        try texts.flatMap { kind, texts in try texts.map { try FlowCriterion(kind, $0) } }
    }
}

/// What `--not` before an option comes to; see `Negation`.
struct UnwantedOptions: ParsableArguments {
    @Option(name: .customLong("not-verdict"), help: .hidden) var verdict: [String] = []
    @Option(name: .customLong("not-from-pod"), help: .hidden) var fromPod: [String] = []
    @Option(name: .customLong("not-namespace"), help: .hidden) var namespace: [String] = []
    @Option(name: .customLong("not-workload"), help: .hidden) var workload: [String] = []
    @Option(name: .customLong("not-to-ip"), help: .hidden) var toIP: [String] = []
    @Option(name: .customLong("not-to-port"), help: .hidden) var toPort: [String] = []
    @Option(name: .customLong("not-to-pod"), help: .hidden) var toPod: [String] = []
    @Option(name: .customLong("not-to-service"), help: .hidden) var toService: [String] = []
    @Option(name: .customLong("not-to-fqdn"), help: .hidden) var toFQDN: [String] = []
    @Option(name: .customLong("not-protocol"), help: .hidden) var `protocol`: [String] = []
    @Option(name: .customLong("not-process"), help: .hidden) var process: [String] = []
    @Flag(name: .customLong("not-guarded"), help: .hidden) var guarded = false

    var texts: [(FlowCriterion.Kind, [String])] {
        [
            (.verdict, verdict), (.fromPod, fromPod), (.namespace, namespace), (.workload, workload),
            (.toIP, toIP), (.toPort, toPort), (.toPod, toPod), (.toService, toService),
            (.toFQDN, toFQDN), (.protocol, `protocol`), (.process, process), (.guarded, guarded ? ["true"] : []),
        ]
    }
}
