import Agent
import CSluice
import KernelDatapath
import Logging
import PolicyModel
import Testing
import VerdictTables

@Suite struct EventLineTests {
    let book = EventLog.Book(
        pods: [CgroupID(rawValue: 7): EventLog.Book.Pod(NamespacedName("shop", "web"), uid: "u")],
        causes: [CauseID(rawValue: 20): .isolated(by: ["shop/out"]), CauseID(rawValue: 21): .guarded("imds")])

    func event(_ change: (inout sluice_event) -> Void) throws -> FlowEvent {
        var raw = sluice_event()
        raw.pod = 7
        raw.cause = 20
        raw.port = 443
        raw.protocol = 6
        raw.count = 1
        raw.verdict = FlowVerdict.denied.rawValue
        set(&raw, "10.1.2.3")
        change(&raw)
        return try #require(FlowEvent(raw))
    }

    func set(_ raw: inout sluice_event, _ address: String) {
        let wanted = IPAddress(address)!
        withUnsafeMutableBytes(of: &raw.address) { bytes in
            for index in 0..<8 {
                bytes[index] = UInt8(truncatingIfNeeded: wanted.high >> UInt64(56 - 8 * index))
                bytes[index + 8] = UInt8(truncatingIfNeeded: wanted.low >> UInt64(56 - 8 * index))
            }
        }
    }

    @Test func lines() throws {
        let reason = "isolated by policy shop/out; none of its rules allows it"
        #expect(try book.line(event { _ in }) == "DENIED shop/web to 10.1.2.3:443 TCP: \(reason)")
        #expect(
            try book.line(
                event {
                    $0.pid = 99
                    withUnsafeMutableBytes(of: &$0.comm) { $0.copyBytes(from: "curl".utf8) }
                    $0.count = 12
                    $0.verdict = FlowVerdict.audit.rawValue
                }) == "AUDIT shop/web to 10.1.2.3:443 TCP by curl[99] 12 times: \(reason)")
        #expect(
            try book.line(
                event {
                    set(&$0, "fd00::1")
                    $0.protocol = 17
                    $0.port = 53
                }) == "DENIED shop/web to [fd00::1]:53 UDP: \(reason)")
        #expect(
            try book.line(
                event {
                    set(&$0, "fd00::1")
                    $0.protocol = 58
                    $0.port = 0
                }) == "DENIED shop/web to fd00::1 ICMP: \(reason)")
        #expect(
            try book.line(
                event {
                    $0.protocol = 47
                    $0.port = 0
                }) == "DENIED shop/web to 10.1.2.3 protocol 47: \(reason)")
    }

    @Test func namesThatAreNotKnown() throws {
        #expect(try book.line(event { $0.pod = 8 }).hasPrefix("DENIED cgroup 8 to "))
        #expect(try book.line(event { $0.cause = 99 }).hasSuffix(": cause 0000000000000063"))
        #expect(
            try book.line(
                event {
                    $0.cause = 99
                    $0.guard = 1
                }).hasSuffix(": guarded"))
        #expect(try book.line(event { $0.verdict = FlowVerdict.held.rawValue }).hasPrefix("HELD shop/web"))
    }

    @Test func theLogHasThem() throws {
        let lines = LogBook()
        let log = EventLog(logger: lines.logger)
        log.note(book.pods.mapValues { $0 }, causes: book.causes)
        log.write(try event { _ in })
        #expect(lines.text.hasPrefix("notice DENIED shop/web"))
    }
}
