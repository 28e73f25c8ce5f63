import Agent
import AgentAPI
import Flows
import FoundationEssentials
import Glibc
import PolicyModel
import TestHarness
import Testing

@Suite("sluice observe and sluice graph")
struct ObserveTests {
    let files: TemporaryDirectory
    let history = FlowHistory(capacity: 1000)
    let reports = Reports()

    init() throws { files = try TemporaryDirectory() }

    var place: [String] { ["--state-dir", files.root] }

    func serving(_ body: @Sendable () async throws -> Void) async throws {
        let server = FlowServer(FlowSocket(files.path("agent.sock")), history, report: reports.hear)
        try await alongside({ await server.run() }) {
            try await eventually("it listens", describing: { "\(reports.all)" }) { reports.all == [nil] }
            try await body()
        }
    }

    func tool(_ words: String...) async throws -> Programs.Ended { try await Programs.run("sluice", words + place) }

    static func flow(_ number: Int) -> Flow {
        Flow(
            time: FlowTime(nanoseconds: 1_763_735_896_123_456_789), verdict: number % 2 == 0 ? .allowed : .denied,
            count: UInt32(number), node: "node-1",
            source: FlowEnd(
                namespace: "shop", pod: "web-\(number)", workload: Workload(kind: "Deployment", name: "web")),
            destination: FlowEnd(address: IPAddress("10.0.0.\(number)"), namespace: "shop", pod: "db-0"),
            transport: FlowTransport(protocolNumber: 6, destinationPort: UInt16(5000 + number)), destinationKind: .pod,
            policy: FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: nil),
            reason: "isolated by policy shop/web; none of its rules allows it",
            process: Flow.Process(pid: 4711, name: "psql"))
    }

    func fill() { for number in 1...30 { history.record(Self.flow(number)) } }

    @Test("the last twenty, a line each, and no colour where nobody looks")
    func compact() async throws {
        fill()
        try await serving {
            let told = try await tool("observe")
            #expect(told.status == 0 && told.err == "", "\(told)")
            let lines = told.out.split(separator: "\n")
            #expect(lines.count == 20)
            // The clock is that of the place.
            let words = lines[0].split(separator: " ", maxSplits: 3)
            #expect(words[2].hasSuffix(".123"))
            #expect(
                words[3]
                    == "DENIED shop/web-11 (Deployment web) -> shop/db-0:5011 TCP by psql[4711] ×11: isolated by policy shop/web; none of its rules allows it"
            )
            #expect(lines[1].contains(" ALLOWED shop/web-12 "))
            let none = try await tool("observe", "--from-pod", "nobody")
            #expect(none.status == 0 && none.out == "" && none.err == "")
        }
    }

    @Test("JSON is a flow a line, jsonpb the same in Hubble's envelope")
    func json() async throws {
        struct Envelope: Decodable {
            var flow: Flow
            var node_name: String
            var time: FlowTime
        }
        fill()
        try await serving {
            let json = try await tool("observe", "--last", "3", "-o", "json").out.split(separator: "\n")
            let flows = try json.map { try JSONDecoder().decode(Flow.self, from: Data($0.utf8)) }
            #expect(flows == [28, 29, 30].map(Self.flow))
            let lines = try await tool("observe", "--last", "1", "-o", "jsonpb").out
            let envelope = try JSONDecoder().decode(Envelope.self, from: Data(lines.utf8))
            #expect(
                envelope.flow == Self.flow(30) && envelope.node_name == "node-1" && envelope.time == Self.flow(30).time)
        }
    }

    @Test("a table fits a page")
    func table() async throws {
        fill()
        try await serving {
            let table = try await Programs.run(
                "/usr/bin/env", ["COLUMNS=100", Programs.path("sluice"), "observe", "-o", "table"] + place)
            #expect(table.out.hasPrefix("TIME") && table.out.contains("shop/db-0:5030"))
            for line in table.out.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
            let none = try await tool("observe", "-o", "table", "--to-port", "1")
            #expect(none.out == "none\n")
        }
    }

    static let filters: [([String], Int)] = [
        ([], 30), (["--verdict", "denied"], 15), (["--to-port", "5001", "--to-port", "5004"], 2),
        (["--to-port", "5001", "--verdict", "ALLOWED"], 0), (["--not", "--to-port", "5001"], 29),
        (["--not", "--to-port=5001-5010", "--not", "--verdict", "ALLOWED"], 10), (["-n", "shop"], 30),
        (["--not", "-n", "shop"], 0), (["--not", "--namespace", "other"], 30), (["--from-pod", "shop/web-1*"], 11),
        (["--to-ip", "10.0.0.0/29"], 7), (["--to-pod", "shop/db-0"], 30), (["--to-service", "*"], 0),
        (["--protocol", "tcp"], 30), (["--process", "psql"], 30), (["--workload", "Deployment/web"], 30),
        (["--guarded"], 0), (["--not", "--guarded"], 30), (["--since", "2025-01-01T00:00:00Z"], 30),
        (["--since", "2100-01-01T00:00:00Z"], 0), (["--since", "90m"], 0),
    ]

    @Test("options filter", arguments: filters)
    func filtering(_ words: [String], _ count: Int) async throws {
        fill()
        try await serving {
            let told = try await Programs.run("sluice", ["observe", "--last", "100"] + words + place)
            #expect(told.status == 0 && told.err == "")
            #expect(told.out.count { $0 == "\n" } == count, "\(told.out)")
        }
    }

    @Test(
        "what cannot be used is said, with status 2",
        arguments: [
            (["--verdict", "maybe"], "--verdict maybe: write one of ALLOWED"),
            (["--to-port", "http"], "--to-port http: write a port"),
            (["--not", "--to-port", "http"], "--to-port http"),
            (["--not", "--last", "3"], "--not stands before an option that filters"),
            (["--not"], "--not stands before"), (["--last=-1"], "write 0 or more"), (["--since", "noon"], "since"),
            (["--since", "5"], "since"), (["-f", "-o", "table"], "leave --follow out"), (["-o", "xml"], "compact"),
        ])
    func unusable(_ words: [String], _ says: String) async throws {
        let told = try await Programs.run("sluice", ["observe"] + words + place)
        #expect(told.status == 2 && told.out == "" && told.err.contains(says), "\(told)")
    }

    @Test("without an agent it says so, and where records are")
    func noAgent() async throws {
        for command in ["observe", "graph"] {
            let told = try await tool(command)
            #expect(told.status == 1 && told.out == "")
            #expect(told.err.contains("no agent answers at \(files.path("agent.sock")): start sluiced"), "\(told.err)")
            #expect(!told.err.contains("recorded"))
        }
        try files.write("flows.jsonl", "")
        #expect(try await tool("observe").err.contains("what it recorded before is in \(files.path("flows.jsonl"))"))
    }

    @Test("following goes on until the agent ends, a signal comes, or nobody reads")
    func following() async throws {
        fill()
        let out = files.path("out")
        let follower = Shared<RunningProgram?>(nil)
        try await serving {
            let program = try RunningProgram(
                Programs.path("sluice"), ["observe", "-f", "--last", "1"] + place, out: out, err: files.path("err"))
            follower.set(program)
            try await eventually("the past is there") { files.read("out").contains("web-30") }
            for number in 31...40 { history.record(Self.flow(number)) }
            try await eventually("what comes is there") { files.read("out").count { $0 == "\n" } == 11 }
            let interrupted = try RunningProgram(
                Programs.path("sluice"), ["observe", "-f", "--last", "1"] + place, out: files.path("out2"),
                err: files.path("err2"))
            try await eventually("it follows") { files.read("out2") != "" }
            interrupted.signal(SIGINT)
            #expect(try await interrupted.ended(within: 10) == 128 + SIGINT)
            #expect(files.read("err2") == "")
            let piped = try RunningProgram(
                "/bin/bash",
                [
                    "-c",
                    "(trap '' PIPE; \(Programs.path("sluice")) observe -f --last 9 \(place.joined(separator: " ")); echo status $? >&2) | head -n 1",
                ],
                out: files.path("out3"), err: files.path("err3"))
            try await eventually("it has found nobody who reads") {
                history.record(Self.flow(41))
                return files.read("err3") != ""
            }
            _ = try await piped.ended(within: 10)
            #expect(files.read("err3") == "status 0\n" && files.read("out3").count { $0 == "\n" } == 1)
        }
        #expect(try await follower.value?.ended(within: 10) == 1)
        #expect(files.read("err").contains("the agent has ended the connection"))
    }

    @Test("a graph of what is kept, as DOT, Mermaid and JSON, with observe's filters")
    func graph() async throws {
        fill()
        try await serving {
            let dot = try await tool("graph")
            #expect(dot.status == 0 && dot.err == "" && dot.out.hasPrefix("digraph sluice {"))
            #expect(dot.out.contains("label=\"Deployment web\"") && dot.out.contains("color=red"))
            let mermaid = try await tool("graph", "-o", "mermaid", "--not", "--verdict", "DENIED")
            #expect(mermaid.out.hasPrefix("flowchart LR") && !mermaid.out.contains("DENIED"))
            let json = try await tool("graph", "-o", "json").out
            #expect(json.contains("\"from\"") && json.contains("\"verdict\" : \"DENIED\""))
            let none = try await tool("graph", "--to-port", "1")
            #expect(none.status == 0 && none.err.contains("there are no such flows") && none.out.hasPrefix("digraph"))
        }
    }
}
