import Flows
import Foundation
import PolicyModel
import Testing

@Suite("Who talks to whom")
struct FlowGraphTests {
    static let toService = someFlow {
        $0.verdict = .allowed
        $0.destinationKind = .service
        $0.service = NamespacedName("shop", "cache")
        $0.destination = FlowEnd(address: IPAddress("10.96.0.7"))
        $0.transport.destinationPort = 6379
    }

    static func outside(_ address: String, _ blocks: [String]) -> Flow {
        someFlow {
            $0.verdict = .audit
            $0.destinationKind = .external
            $0.destinationNames = blocks
            $0.destination = FlowEnd(address: IPAddress(address))
            $0.transport.destinationPort = 443
        }
    }

    static let flows: [Flow] = [
        someFlow(),
        someFlow {
            $0.source.pod = "web-6d4cf56db6-other"; $0.transport.destinationPort = 80
        },
        toService, outside("203.0.113.1", ["203.0.113.0/24", "0.0.0.0/0"]), outside("203.0.113.2", ["203.0.113.0/24"]),
        outside("198.51.100.1", ["0.0.0.0/0"]), outside("198.51.100.2", []),
        someFlow {
            $0.source = FlowEnd(cgroup: 7)
            $0.destinationKind = .metadata
            $0.destinationNames = ["imds"]
            $0.transport = FlowTransport(protocolNumber: 1, destinationPort: 0)
        },
    ]

    @Test("flows are added up by workload, service and block")
    func edges() {
        let graph = FlowGraph(Self.flows)
        let texts = graph.edges.map { edge in
            "\(edge.from.kind) \(edge.from.name) > \(edge.to.kind) \(edge.to.name) \(edge.verdict) \(edge.ports) \(edge.count)"
        }
        #expect(
            texts == [
                "cgroup 7 > metadata imds denied [\"ICMP\"] 3",
                "workload Deployment web > external 203.0.113.0/24 audit [\"TCP 443\"] 6",
                "workload Deployment web > external outside audit [\"TCP 443\"] 6",
                "workload Deployment web > service cache allowed [\"TCP 6379\"] 3",
                "workload Deployment web > workload StatefulSet db denied [\"TCP 80\", \"TCP 5432\"] 6",
            ])
        #expect(graph.nodes.map(\.namespace) == ["", "", "", "", "shop", "shop", "shop"])
    }

    @Test("the order of flows does not show")
    func order() {
        for _ in 0..<20 {
            let graph = FlowGraph(Self.flows.shuffled())
            #expect(graph == FlowGraph(Self.flows) && graph.dot == FlowGraph(Self.flows).dot)
            #expect(graph.mermaid == FlowGraph(Self.flows).mermaid)
        }
    }

    @Test("as DOT, what is denied is red and dashed")
    func dot() {
        #expect(
            FlowGraph([someFlow(), Self.toService]).dot == """
                digraph sluice {
                  rankdir=LR;
                  node [shape=box, style=rounded];
                  subgraph cluster_0 {
                    label="shop";
                    n0 [label="service cache", shape=hexagon];
                    n1 [label="Deployment web"];
                    n2 [label="StatefulSet db"];
                  }
                  n1 -> n0 [label="TCP 6379 ×3"];
                  n1 -> n2 [label="DENIED TCP 5432 ×3", color=red, fontcolor=red, style=dashed];
                }
                """)
    }

    @Test("as Mermaid, the same")
    func mermaid() {
        #expect(
            FlowGraph([someFlow(), Self.toService, Self.outside("203.0.113.1", [])]).mermaid == """
                flowchart LR
                  subgraph ns0["shop"]
                    n1{{"service cache"}}
                    n2("Deployment web")
                    n3("StatefulSet db")
                  end
                  n0(["outside"])
                  n2 -.->|"AUDIT TCP 443 ×3"| n0
                  n2 -->|"TCP 6379 ×3"| n1
                  n2 -.->|"DENIED TCP 5432 ×3"| n3
                  linkStyle 0 stroke:orange,color:orange
                  linkStyle 2 stroke:red,color:red
                """)
    }

    @Test("many ports are cut short")
    func ports() {
        let flows = (1...9).map { port in someFlow { $0.transport.destinationPort = UInt16(port) } }
        #expect(FlowGraph(flows).dot.contains("DENIED TCP 1, TCP 2, TCP 3, TCP 4, TCP 5 and 4 more ×27"))
    }

    static let odd = someFlow {
        $0.source.namespace = "a\"b\\N];x"
        $0.source.workload = Workload(kind: "<b>\\", name: "\"|end`#\n&\u{1b}")
    }

    @Test("odd names neither end a string nor mean anything")
    func escaping() {
        let dot = FlowGraph([Self.odd]).dot
        #expect(dot.contains("label=\"a\\\"b\\\\N];x\";") && dot.contains("label=\"<b>\\\\ \\\"|end`# & \""))
        let mermaid = FlowGraph([Self.odd]).mermaid
        #expect(
            mermaid.contains("[\"a#34;b#92;N]#59;x\"]")
                && mermaid.contains("(\"#60;b#62;#92; #34;#124;end#96;#35; #38; \")"))
    }

    @Test("Graphviz reads it", arguments: [[], flows, [odd]])
    func graphviz(_ flows: [Flow]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/dot")
        process.arguments = ["-Tplain"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        input.fileHandleForWriting.write(Data(FlowGraph(flows).dot.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let lines = text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("node ") } == FlowGraph(flows).nodes.count)
        #expect(lines.count { $0.hasPrefix("edge ") } == FlowGraph(flows).edges.count)
    }
}
