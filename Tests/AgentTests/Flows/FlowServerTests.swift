import Agent
import AgentAPI
import Flows
import FoundationEssentials
import Glibc
import PolicyModel
import Synchronization
import TestHarness
import Testing

@Suite("Asking the agent for flows")
struct FlowServerTests {
    let files: TemporaryDirectory
    let history: FlowHistory
    let reports = Reports()
    var path: String { files.path("agent.sock") }

    init() throws {
        files = try TemporaryDirectory()
        history = FlowHistory(capacity: 1000)
    }

    func serving(
        catchUp: @escaping @Sendable () -> Void = {},
        limits change: (inout FlowServer.Limits) -> Void = { _ in }, _ body: () async throws -> Void
    ) async throws {
        var limits = FlowServer.Limits()
        change(&limits)
        let server = FlowServer(FlowSocket(path), history, catchUp: catchUp, limits: limits, report: reports.hear)
        try await alongside({ await server.run() }) {
            try await eventually("it listens", describing: { "\(reports.all)" }) { reports.all == [nil] }
            try await body()
        }
    }

    static func flow(_ number: Int, reason: String = "") -> Flow {
        Flow(
            time: FlowTime(nanoseconds: UInt64(number)), verdict: number % 2 == 0 ? .allowed : .denied,
            source: FlowEnd(namespace: "shop", pod: "web"), destination: FlowEnd(address: IPAddress("10.0.0.1")),
            transport: FlowTransport(protocolNumber: 6, destinationPort: UInt16(number)), reason: reason)
    }

    func note(_ numbers: Range<Int>, reason: String = "") {
        for number in numbers { history.record(Self.flow(number, reason: reason)) }
    }

    /// All answers of a request that has an end.
    func ask(_ request: FlowRequest) async throws -> [FlowAnswer] {
        let path = path
        return try await Task.detached {
            let client = try FlowClient(path, request)
            var answers: [FlowAnswer] = []
            while let answer = try client.next() { answers.append(answer) }
            return answers
        }.value
    }

    func line(_ request: FlowRequest) throws -> [UInt8] { try Array(JSONEncoder().encode(request)) + [10] }

    @Test("the last ones and all of them, filtered, and then the end")
    func history() async throws {
        try await serving {
            let none = try await ask(FlowRequest())
            #expect(none == [])
            note(0..<500)
            #expect(try await ask(FlowRequest()) == (0..<500).map { .flow(Self.flow($0)) })
            let denied = FlowFilter(wanted: [.verdict(.denied)])
            #expect(
                try await ask(FlowRequest(filter: denied, last: 2)) == [.flow(Self.flow(497)), .flow(Self.flow(499))])
        }
    }

    @Test("what the kernel has told of and nobody has read yet is in the answer")
    func catchingUp() async throws {
        let history = history
        try await serving(catchUp: { history.record(Self.flow(7)) }) {
            let answers = try await ask(FlowRequest(last: 1))
            #expect(answers == [.flow(Self.flow(7))])
        }
    }

    @Test("followers get what comes, each what it wants, without a gap after the past")
    func following() async throws {
        try await serving {
            note(0..<10)
            let all = try PlainClient(path: path)
            all.write(try line(FlowRequest(last: 2, follow: true)))
            let denied = try PlainClient(path: path)
            denied.write(try line(FlowRequest(filter: FlowFilter(wanted: [.verdict(.denied)]), follow: true)))
            try await eventually("the past is there") { all.read().count(of: "\n") == 2 }
            // The second one's request is taken after the first one's.
            _ = try await ask(FlowRequest())
            for round in 1...20 { note(round * 10..<round * 10 + 10) }
            try await eventually("all have come") {
                all.read().count(of: "\n") == 202 && denied.read().count(of: "\n") == 100
            }
            let numbers = try all.read().split(separator: "\n").map { line in
                guard case .flow(let flow) = try JSONDecoder().decode(FlowAnswer.self, from: Data(line.utf8)) else {
                    throw Unexpected("\(line)")
                }
                return Int(flow.transport.destinationPort)
            }
            #expect(numbers == Array(8..<210))
            #expect(!denied.read().contains("ALLOWED") && !denied.isClosed)
        }
    }

    @Test("who reads slowly loses flows and is told how many; others lose none")
    func slowReader() async throws {
        try await serving(limits: { $0.waitingBytes = 8 << 10 }) {
            let slow = try PlainClient(path: path)
            slow.write(try line(FlowRequest(follow: true)))
            let quick = try PlainClient(path: path)
            quick.write(try line(FlowRequest(follow: true)))
            _ = try await ask(FlowRequest(last: 0))
            let reason = String(repeating: "x", count: 500)
            for round in 0..<10 {
                note(round * 500..<round * 500 + 500, reason: reason)
                try await eventually("the quick one has all") { quick.read().count(of: "\n") == (round + 1) * 500 }
            }
            #expect(!quick.read().contains("lost"))
            var told = 0
            try await eventually("the slow one has heard of all", describing: { "\(told)" }) {
                let lines = slow.read().split(separator: "\n")
                told = lines.count { $0.contains("\"flow\"") }
                let lost = lines.compactMap { $0.wholeMatch(of: /\{"lost":(\d+)\}/).flatMap { Int($0.1) } }
                #expect(lost.count <= 1)
                return told + lost.reduce(0, +) == 5000 && lost.count == 1
            }
            #expect(told >= 1000 && told < 4000)
        }
    }

    static let garbage: [(String, String)] = [
        ("\n", "not valid JSON"), ("{\n", "not valid JSON"), ("\u{0}\u{1}\u{2}\n", "not valid JSON"),
        ("7\n", "is no object"), ("{}\n", "field version: is missing"),
        ("{\"version\":2}\n", "field version: this is version 1"),
        ("{\"version\":\"1\"}\n", "field version: is no whole number"),
        ("{\"version\":1,\"kind\":\"dance\"}\n", "field kind"),
        ("{\"version\":1,\"kind\":\"observe\",\"last\":-1}\n", "field last: -1 is below 0"),
        ("{\"version\":1,\"kind\":\"observe\",\"latest\":1}\n", "there is no field latest"),
        ("{\"version\":1,\"kind\":\"observe\",\"filter\":{\"want\":{}}}\n", "there is no field want; there are wanted"),
        (
            "{\"version\":1,\"kind\":\"observe\",\"filter\":{\"wanted\":{\"to-prot\":[\"1\"]}}}\n",
            "there is no to-prot; there are"
        ),
        (
            "{\"version\":1,\"kind\":\"observe\",\"filter\":{\"wanted\":{\"to-port\":[\"x\"]}}}\n",
            "--to-port x: write a port"
        ),
        (
            "{\"version\":1,\"kind\":\"observe\",\"filter\":{\"since\":\"noon\"}}\n",
            "field filter.since: not a time: noon"
        ),
        (String(repeating: "a", count: 70_000), "the request is longer than 65536 bytes"),
        (String(repeating: "a", count: 70_000) + "\n", "the request is longer than 65536 bytes"),
        (String(repeating: "[", count: 60_000) + "\n", "not valid JSON"),
    ]

    @Test("what cannot be answered is told what is wrong with it", arguments: garbage)
    func unreadable(_ text: String, _ says: String) async throws {
        try await serving {
            let client = try PlainClient(path: path)
            client.write(text.utf8)
            try await eventually("it is closed", describing: { client.read() }) {
                _ = client.read(); return client.isClosed
            }
            let answer = try JSONDecoder().decode(FlowAnswer.self, from: Data(client.read().utf8))
            guard case .error(let message) = answer else { throw Unexpected("\(answer)") }
            #expect(message.contains(says), "\(message)")
            #expect(try await ask(FlowRequest()) == [], "others are served")
        }
    }

    @Test("random bytes hurt nobody")
    func randomBytes() async throws {
        try await serving {
            note(0..<3)
            var generator = SystemRandomNumberGenerator()
            let good = try line(FlowRequest())
            for round in 0..<200 {
                let client = try PlainClient(path: path)
                // Half of them are a request in which some bytes are wrong.
                var bytes =
                    round % 2 == 0
                    ? good : (0..<Int.random(in: 0...300)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                for _ in 0..<3 {
                    if let index = bytes.indices.randomElement() {
                        bytes[index] = UInt8.random(in: 0...255, using: &generator)
                    }
                }
                client.write(bytes)
            }
            #expect(try await ask(FlowRequest()).count == 3)
        }
    }

    @Test("who does not ask, or does not read an answer that has an end, is cut off")
    func idle() async throws {
        note(0..<1000, reason: String(repeating: "x", count: 2000))
        try await serving(limits: { ($0.patience, $0.waitingBytes) = (.milliseconds(200), 8 << 10) }) {
            for text in ["", "{\"version\":1"] {
                let client = try PlainClient(path: path)
                client.write(text.utf8)
                try await eventually("it is closed") {
                    _ = client.read(); return client.isClosed
                }
            }
            let lazy = try PlainClient(path: path)
            lazy.write(try line(FlowRequest()))
            try await Task.sleep(for: .seconds(1))
            try await eventually("it is closed") {
                _ = lazy.read(); return lazy.isClosed
            }
            #expect(!lazy.read().contains("\"end\""))
        }
    }

    @Test("there is room for so many at once, and again when some have gone")
    func crowd() async throws {
        try await serving(limits: { $0.connections = 3 }) {
            var crowd = try (0..<3).map { _ in try PlainClient(path: path) }
            for client in crowd { client.write(try line(FlowRequest(last: 0, follow: true))) }
            let late = try PlainClient(path: path)
            try await eventually("it is refused") {
                _ = late.read(); return late.isClosed
            }
            #expect(late.read().contains("3 clients are connected already"))
            crowd.removeLast().close()
            try await eventually("there is room") { (try? await ask(FlowRequest())) != nil }
            #expect(crowd.allSatisfy { !$0.isClosed })
        }
    }

    @Test("the socket is root's alone, replaces a stale one, nothing else, and goes at the end")
    func file() async throws {
        try await serving {
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode == S_IFSOCK | 0o600)
        }
        #expect(access(path, F_OK) != 0)
        #expect(throws: FlowClientError.nobodyThere(path)) { try FlowClient(path, FlowRequest()) }
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(stale) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(throws: FlowClientError.nobodyThere(path)) { try FlowClient(path, FlowRequest()) }
        let second = FlowServerTests.Again(self)
        try await second.serves()
    }

    /// The same directory, served anew.
    private struct Again {
        let path: String
        let history: FlowHistory
        let reports = Reports()

        init(_ first: FlowServerTests) { (path, history) = (first.path, first.history) }

        func serves() async throws {
            let server = FlowServer(FlowSocket(path), history, report: reports.hear)
            try await alongside({ await server.run() }) {
                try await eventually("it listens", describing: { "\(reports.all)" }) { reports.all == [nil] }
                _ = try FlowClient(path, FlowRequest())
            }
        }
    }

    @Test("a path that cannot be used is complained of")
    func trouble() async throws {
        try files.write("agent.sock", "mine")
        for (path, says) in [
            (path, "is there and is no socket"), (files.path("none/agent.sock"), "cannot be made"),
            (files.path(String(repeating: "a", count: 120)), "longer than the 107 bytes"),
        ] {
            let reports = Reports()
            let server = FlowServer(FlowSocket(path), history, report: reports.hear)
            try await alongside({ await server.run() }) {
                try await eventually("it complains") { !reports.all.isEmpty }
                #expect(reports.all[0]?.contains(says) == true, "\(reports.all)")
            }
        }
        #expect(files.read("agent.sock") == "mine")
    }
}

extension String {
    fileprivate func count(of character: Character) -> Int { self.count { $0 == character } }
}
