import AgentAPI
import AgentConfiguration
import ArgumentParser
import Flows

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draws who talks to whom, from the flows that the agent keeps.",
        discussion: """
            Pods stand for what they are replicas of, addresses outside for the narrowest
            block of a rule that holds them. What is denied is red and dashed. Options
            that filter are those of observe.

            Examples:
              sluice graph -n shop | dot -Tsvg > shop.svg
              sluice graph --since 10m --verdict DENIED -o mermaid
            """)

    enum Drawing: String, ExpressibleByArgument, CaseIterable { case dot, mermaid, json }

    @Option(help: "Nothing older: 90s, 5m, 24h, 2d, or RFC 3339.")
    var since: Since?

    @OptionGroup(title: "Filters") var filters: FilterOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "For whom to draw.")
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
