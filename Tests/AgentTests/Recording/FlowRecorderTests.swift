import Agent
import AgentAPI
import Flows
import Glibc
import PolicyModel
import Synchronization
import TestHarness
import Testing

@Suite("Recorded flows on disk")
struct FlowRecorderTests {
    let files: TemporaryDirectory
    let heard = Heard()

    init() throws { files = try TemporaryDirectory() }

    final class Heard: Sendable {
        private let told = Mutex<[String: String]>([:])
        private let everything = Mutex<[String]>([])

        func tell(_ subject: String, _ trouble: String?) {
            told.withLock { $0[subject] = trouble }
            if let trouble { everything.withLock { $0.append(trouble) } }
        }

        var troubles: [String: String] { told.withLock { $0 } }
        var all: [String] { everything.withLock { $0 } }
    }

    func recorder(_ directory: String? = nil, limit: Int = 100) -> FlowRecorder {
        var settings = FlowRecorder.Settings(
            directory: directory ?? files.path("records"), fallback: files.root, limit: limit)
        settings.pause = .milliseconds(5)
        return FlowRecorder(
            settings,
            describe: { services, namespaces in
                RecordedCluster(
                    namespaces: Dictionary(uniqueKeysWithValues: namespaces.map { ($0, ["team": $0]) }),
                    services: services.map { RecordedService($0, addresses: [], ways: []) })
            }, setCondition: { heard.tell($0, $1) })
    }

    func flow(port: UInt16 = 80, at second: UInt64 = 1) -> Flow {
        Flow(
            time: FlowTime(nanoseconds: second * 1_000_000_000), verdict: .allowed,
            source: FlowEnd(namespace: "shop", pod: "web-1", labels: ["app": "web"]),
            destination: FlowEnd(address: IPAddress("10.96.0.1")),
            transport: FlowTransport(protocolNumber: 6, destinationPort: port), destinationKind: .service,
            service: NamespacedName("shop", "db"))
    }

    /// Runs it until it is stopped, as the agent does.
    func during<Result>(_ recorder: FlowRecorder, _ body: () async throws -> Result) async rethrows -> Result {
        let running = Task { await recorder.run() }
        do {
            let result = try await body()
            running.cancel()
            await running.value
            return result
        } catch {
            running.cancel()
            await running.value
            throw error
        }
    }

    func onDisk(_ directory: String = "records") throws -> RecordedFlows {
        let content = try #require(try RecordFile.read(files.path("\(directory)/\(RecordFile.fileName)")))
        #expect(content.broken == nil)
        return content.flows
    }

    @Test("a clean stop writes what was seen, and what is known of its services and namespaces")
    func stopWrites() async throws {
        let recorder = recorder()
        await during(recorder) { for _ in 0..<5 { recorder.record(flow()) } }
        let flows = try onDisk()
        #expect(flows.records.unsorted.map(\.seen.count) == [5])
        #expect(flows.cluster.namespaces == ["shop": ["team": "shop"]])
        #expect(flows.cluster.services.map(\.key) == [NamespacedName("shop", "db")])
        #expect(heard.all.isEmpty)
    }

    @Test("it writes while it runs, without being stopped")
    func writesWhileRunning() async throws {
        let recorder = recorder()
        try await during(recorder) {
            recorder.record(flow())
            try await eventually("the file is there") {
                access(files.path("records/\(RecordFile.fileName)"), F_OK) == 0
            }
            #expect(try onDisk().records.count == 1)
        }
    }

    @Test("counts, times and what was forgotten survive a restart")
    func restart() async throws {
        let first = recorder(limit: 10)
        await during(first) {
            for port: UInt16 in 1...50 { first.record(flow(port: port, at: UInt64(port))) }
        }
        let before = try onDisk()
        #expect(before.records.count <= 10 && before.records.forgotten >= 40)
        let second = recorder(limit: 10)
        // Also what comes before the file is read.
        second.record(flow(port: 50, at: 1000))
        await during(second) { second.record(flow(port: 50, at: 2000)) }
        let after = try onDisk()
        let record = try #require(after.records.unsorted.first { $0.key.port == 50 })
        #expect(record.seen.count == 3)
        #expect(record.seen.first.nanoseconds == 50_000_000_000 && record.seen.last.nanoseconds == 2_000_000_000_000)
        #expect(after.records.forgotten == before.records.forgotten && after.records.count == before.records.count)
    }

    @Test("a broken file is set aside and told of; what can be read of it is used", arguments: [true, false])
    func brokenFile(_ cutOff: Bool) async throws {
        let first = recorder()
        await during(first) { for port: UInt16 in 1...3 { first.record(flow(port: port)) } }
        let path = "records/\(RecordFile.fileName)"
        let lines = files.read(path).split(separator: "\n")
        #expect(lines.count == 4)
        let text =
            cutOff
            ? lines[0...1].joined(separator: "\n") + "\n" + lines[2].prefix(40)
            : lines[0...1].joined(separator: "\n") + "\n{\"source\": 7}\n" + lines[3] + "\n"
        try files.write(path, text)
        let second = recorder()
        await during(second) {}
        #expect(heard.all.count == 1)
        #expect(heard.all.first?.contains("line 3: is \(cutOff ? "cut off" : "no record")") == true, "\(heard.all)")
        #expect(heard.all.first?.contains("kept as \(files.path(path)).broken") == true, "\(heard.all)")
        #expect(files.read("\(path).broken") == text)
        #expect(try onDisk().records.count == (cutOff ? 1 : 2))
        #expect(heard.troubles.isEmpty, "once a good file is written all is well")
    }

    @Test("a file that is nothing of the kind, or of a later version, is set aside, several times over")
    func strangeFiles() async throws {
        try files.makeDirectory("records")
        for (number, text) in [
            "", "\u{0}\u{1}", "[1, 2]\n",
            #"{"version":2,"forgotten":0,"cluster":{"namespaces":{},"services":[]}}"# + "\n",
        ].enumerated() {
            try files.write("records/\(RecordFile.fileName)", text)
            await during(recorder()) {}
            #expect(heard.all.count == number + 1)
        }
        let names = TemporaryDirectory.names(files.path("records"))
        #expect(names.filter { $0.contains(".broken") }.count == 4, "\(names)")
        #expect(heard.all.last?.contains("version 2") == true)
    }

    @Test("where the directory cannot be made it records elsewhere, and says so")
    func fallsBack() async throws {
        try files.write("file", "")
        let recorder = recorder(files.path("file/records"))
        await during(recorder) { recorder.record(flow()) }
        #expect(try onDisk(".").records.count == 1)
        let trouble = try #require(heard.all.first)
        #expect(trouble.contains("file/records cannot be used") && trouble.contains("learn.directory"), "\(trouble)")
    }

    @Test("a full disk is a complaint; nothing is lost, and it is written when there is room again")
    func fullDisk() async throws {
        let directory = files.path("small")
        try files.makeDirectory("small")
        try #require(mount("none", directory, "tmpfs", 0, "size=64k") == 0, "needs root")
        defer { umount2(directory, 2) }
        let fill = try files.write("small/fill", [UInt8](repeating: 0, count: 49152))
        let recorder = recorder(directory)
        try await during(recorder) {
            for port: UInt16 in 1...100 { recorder.record(flow(port: port)) }
            try await eventually("the trouble is told", describing: { "\(heard.all)" }) {
                heard.troubles["flow records"] != nil
            }
            #expect(heard.troubles["flow records"]?.contains("stays in memory") == true, "\(heard.troubles)")
            #expect(TemporaryDirectory.names(directory) == ["fill"], "nothing half written stays")
            unlink(fill)
            try await eventually("the trouble is over", describing: { "\(heard.all)" }) {
                heard.troubles["flow records"] == nil
            }
        }
        let content = try #require(try RecordFile.read("\(directory)/\(RecordFile.fileName)"))
        #expect(content.broken == nil && content.flows.records.count == 100)
    }
}
