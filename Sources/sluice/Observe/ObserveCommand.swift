import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows

struct ObserveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observe",
        abstract: "Shows what pods of this node connect to, and what became of it.",
        discussion: """
            Asks the agent, which keeps the latest flows: new allowed ones, denials, and
            what audit mode let pass. Repeats are counted and not repeated.

            An option that filters may be given several times: any of what it names is
            wanted. Of different options each must be met. --not before one excludes what
            that one names.

            Exit status 1: the agent cannot be asked; 2: an option cannot be used.

            Examples:
              sluice observe -f
              sluice observe --verdict DENIED --since 5m -n shop
              sluice observe -f --not --to-port 53 --not --to-ip 10.0.0.0/8
              sluice observe --last 1000 -o json | jq .destination_names
            """)

    @Flag(name: [.customShort("f"), .long], help: "Go on with flows as they happen.")
    var follow = false

    @Option(help: "So many of the latest. (default: 20, none with --follow, all with --since)")
    var last: Int?

    @Option(help: "Nothing older: 90s, 5m, 24h, 2d, or RFC 3339.")
    var since: Since?

    @OptionGroup(title: "Filters") var filters: FilterOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "How to print; json is a flow a line, jsonpb the same in Hubble's envelope.")
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
