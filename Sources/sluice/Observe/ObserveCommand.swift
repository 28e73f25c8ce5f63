import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows

struct ObserveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe",
        abstract: "Shows the flows of this node's pods, with their verdicts.",
        discussion: """
            Asks the agent, which keeps the latest flows: new allowed flows, denials, and
            flows that passed in audit mode. The agent counts repeats instead of repeating
            them.

            A filter may be given several times: a flow must match one of its values. A
            flow must match all different filters. --not before a filter excludes the
            flows that it matches.

            Exit status 1: the agent does not answer. 2: an option is wrong.

            Examples:
              sluice observe -f
              sluice observe --verdict DENIED --since 5m -n shop
              sluice observe -f --not --to-port 53 --not --to-ip 10.0.0.0/8
              sluice observe --last 1000 -o json | jq .destination_names
            """)

    @Flag(name: [.customShort("f"), .long], help: "Continue with new flows.")
    var follow = false

    @Option(help: "The number of latest flows. (default: 20, none with --follow, all with --since)")
    var last: Int?

    @Option(help: "Only flows since this time: 90s, 5m, 24h, 2d, or RFC 3339.")
    var since: Since?

    @OptionGroup(title: "Filters") var filters: FilterOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The output format; json prints a flow a line, jsonpb adds Hubble's envelope.")
    var format = FlowFormat.compact

    @OptionGroup var agent: SocketOptions

    func validate() throws {
        if let last, last < 0 { throw ValidationError("--last \(last): write 0 or more") }
        if follow && format == .table {
            throw ValidationError("-o table needs the last flow before it prints the first: leave --follow out")
        }
    }

    func run() throws {
        try exiting {
            let filter = try filters.filter(since: since?.time)
            let last = last ?? (follow || since != nil ? nil : 20)
            let client = try agent.ask(FlowRequest(filter: filter, last: last, follow: follow))
            let text = FlowText(isColoured: Output.isColoured)
            var output = Output()
            var table = Table(FlowText.header)
            while let answer = try client.answer() {
                switch answer {
                case .flow(let flow):
                    switch format {
                    case .compact: output.add(text.compact(flow))
                    case .json: output.add(try text.json(flow))
                    case .jsonpb: output.add(try text.jsonpb(flow))
                    case .table: table.add(FlowText.cells(flow))
                    }
                case .lost(let count):
                    try output.flush()
                    complain("\(count) flows went by unseen: they came faster than they are read")
                case .error, .end: break
                }
                if !client.hasMore { try output.flush() }
            }
            try output.flush()
            if format == .table { table.print() }
        }
    }
}
