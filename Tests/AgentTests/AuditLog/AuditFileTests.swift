import Agent
import AgentAPI
import Flows
import FoundationEssentials
import Glibc
import PolicyModel
import Testing
import TestHarness

@Suite("The audit log's file")
struct AuditFileTests {
    private func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    @Test("a full file is put aside, and the oldest goes")
    func rotation() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/audit.log"
        let file = AuditFile(path: path, maxBytes: 10, older: 2)
        for line in ["one\n", "two\n", "three\n", "four\n", "five\n", "six\n", "far more than ten\n", "end\n"] {
            try file.write(Array(line.utf8))
        }
        #expect(contents(path) == "end\n")
        #expect(contents("\(path).1") == "far more than ten\n")
        #expect(contents("\(path).2") == "six\n")
        #expect(contents("\(path).3") == nil)
    }

    @Test("without older files nothing but the current one is kept")
    func noOlder() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/audit.log"
        let file = AuditFile(path: path, maxBytes: 5, older: 0)
        for line in ["one\n", "two\n"] { try file.write(Array(line.utf8)) }
        #expect(contents(path) == "two\n")
        #expect(contents("\(path).1") == nil)
    }

    @Test("a file that somebody moved away is begun anew, one that is there is added to")
    func moved() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/audit.log"
        try AuditFile(path: path, maxBytes: 100, older: 1).write(Array("before\n".utf8))
        let file = AuditFile(path: path, maxBytes: 100, older: 1)
        try file.write(Array("after\n".utf8))
        #expect(contents(path) == "before\nafter\n")
        #expect(rename(path, "\(path).moved") == 0)
        try file.write(Array("anew\n".utf8))
        #expect(contents(path) == "anew\n")
        #expect(contents("\(path).moved") == "before\nafter\n")
    }

    @Test("what cannot be written is kept and written later")
    func laterWritten() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/not-there/audit.log"
        let log = AuditLog(node: "n", file: AuditFile(path: path, maxBytes: 1000, older: 1))
        log.record(.agent(.init(action: .started, detail: "first")))
        #expect(throws: (any Error).self) { try log.flush() }
        log.record(.agent(.init(action: .started, detail: "second")))
        #expect(mkdir("\(directory.root)/not-there", 0o700) == 0)
        try log.flush()
        let lines = try #require(contents(path)).split(separator: "\n")
        #expect(lines.map { $0.contains("first") } == [true, false])
        #expect(lines.map { $0.contains("second") } == [false, true])
    }

    @Test("D: one pod's flood has its share of the audit log, and the rest is counted")
    func shares() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/audit.log"
        let log = AuditLog(node: "n", file: AuditFile(path: path, maxBytes: 1 << 30, older: 1))
        let now = ContinuousClock.now
        try log.flush(at: now)
        func flow(_ pod: String) -> Flow {
            Flow(
                time: FlowTime(nanoseconds: 1), verdict: .denied, source: FlowEnd(namespace: "shop", pod: pod),
                destination: FlowEnd(), transport: FlowTransport(protocolNumber: 6, destinationPort: 80))
        }
        for _ in 0..<10_000 { log.record(flow("loud")) }
        log.record(flow("calm"))
        try log.flush(at: now + .seconds(1))
        try log.flush(at: now + .seconds(61))
        log.record(flow("loud"))
        try log.flush(at: now + .seconds(62))
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count { $0.contains("\"loud\"") } == 601 && lines.count { $0.contains("\"calm\"") } == 1)
        #expect(lines.contains { $0.contains("9400 flows of shop/loud were left out") }, "\(lines.suffix(3))")
    }

    @Test("memory is bounded: what finds no room is counted, and the log says so")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.root)/audit.log"
        let log = AuditLog(node: "n", file: AuditFile(path: path, maxBytes: 1 << 30, older: 1))
        let long = String(repeating: "x", count: 1 << 20)
        for _ in 0..<6 { log.record(.agent(.init(action: .started, detail: long))) }
        try log.flush()
        try log.flush()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_size < 4 << 20 && status.st_size > 3 << 20)
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        fseek(file, -200, SEEK_END)
        var tail = [UInt8](repeating: 0, count: 200)
        let end = String(decoding: tail[..<fread(&tail, 1, 200, file)], as: UTF8.self)
        #expect(end.contains("3 records found no room in memory"))
    }
}
