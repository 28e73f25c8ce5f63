import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draws a graph of the flows in the agent's history.",
        discussion: """
            The graph shows workloads instead of pods, and for an external address the
            narrowest block of a rule that contains it. Denied flows are red and dashed.
            The filters are those of observe.

            Examples:
              sluice graph -n shop | dot -Tsvg > shop.svg
              sluice graph --since 10m --verdict DENIED -o mermaid
            """)

    enum Drawing: String, ExpressibleByArgument, CaseIterable { case dot, mermaid, json }

    @Option(help: "Only flows since this time: 90s, 5m, 24h, 2d, or RFC 3339.")
    var since: Since?

    @OptionGroup(title: "Filters") var filters: FilterOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "The output format.")
    var drawing = Drawing.dot

    @OptionGroup var agent: SocketOptions

    func run() throws {
        try exiting {
            let client = try agent.ask(FlowRequest(filter: try filters.filter(since: since?.time)))
            var flows: [Flow] = []
            while let answer = try client.answer() {
                switch answer {
                case .flow(let flow): flows.append(flow)
                case .lost(let count): complain("\(count) flows are not in the drawing: newer ones took their place")
                case .error, .end: break
                }
            }
            if flows.isEmpty { complain("there are no such flows") }
            let graph = FlowGraph(flows)
            switch drawing {
            case .dot: print(graph.dot)
            case .mermaid: print(graph.mermaid)
            case .json: try printJSON(graph)
            }
        }
    }
}
