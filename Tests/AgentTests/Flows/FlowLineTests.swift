import Agent
import AgentAPI
import CSluice
import Flows
import Glibc
import FoundationEssentials
import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite("Events in the log")
struct FlowLineTests {
    let changes: FlowEnricher.Changes

    init() {
        var names = ClusterMetadataDelta()
        names.causes = [
            CauseID(rawValue: 20): .isolated(by: [NamespacedName("shop", "out")]),
            CauseID(rawValue: 21): .guarded("imds"),
        ]
        let web = PodRecord(Pod(key: NamespacedName("shop", "web"), uid: "u"))
        changes = FlowEnricher.Changes(residents: [CgroupID(rawValue: 7): FlowEnricher.Resident(web)], names: names)
    }

    func line(_ event: FlowEvent) -> String {
        var book = FlowEnricher(node: "node")
        book.apply(changes)
        return book.flow(event).logLine
    }

    @Test("a line says verdict, pod, destination, process, how often, and why")
    func lines() throws {
        let reason = "isolated by policy shop/out; none of its rules allows it"
        #expect(try line(event()) == "DENIED shop/web to 10.1.2.3:443 TCP: \(reason)")
        let audit = try event {
            $0.pid = 99
            withUnsafeMutableBytes(of: &$0.comm) { $0.copyBytes(from: "curl".utf8) }
            $0.count = 12
            $0.verdict = FlowVerdict.audit.kernelValue
        }
        #expect(line(audit) == "AUDIT shop/web to 10.1.2.3:443 TCP by curl[99] 12 times: \(reason)")
        let datagram = try event("fd00::1") { ($0.protocol, $0.port) = (17, 53) }
        #expect(line(datagram) == "DENIED shop/web to [fd00::1]:53 UDP: \(reason)")
        let ping = try event("fd00::1") { ($0.protocol, $0.port) = (58, 0) }
        #expect(line(ping) == "DENIED shop/web to fd00::1 ICMP: \(reason)")
        let other = try event { ($0.protocol, $0.port) = (47, 0) }
        #expect(line(other) == "DENIED shop/web to 10.1.2.3 protocol 47: \(reason)")
    }

    @Test("what has no name is told by number")
    func namesThatAreNotKnown() throws {
        #expect(try line(event { $0.pod = 8 }).hasPrefix("DENIED cgroup 8 to "))
        #expect(try line(event { $0.cause = 99 }).hasSuffix(": cause 0000000000000063"))
        #expect(try line(event { ($0.cause, $0.guard) = (99, 1) }).hasSuffix(": guarded"))
        let held = try line(event { $0.verdict = FlowVerdict.held.kernelValue })
        #expect(held.hasPrefix("HELD shop/web") && held.hasSuffix(": its pod is not known yet"))
    }

    func dispatcher(
        _ changes: FlowEnricher.Changes, _ logger: Logger,
        domainNames: @escaping FlowDispatcher.DomainNames = { _ in [] },
        _ sink: @escaping FlowDispatcher.Sink
    ) -> FlowDispatcher {
        let book = SharedFlowEnricher(FlowEnricher(node: "node"))
        book.apply(changes)
        return FlowDispatcher(book, log: FlowLog(logger), domainNames: domainNames, sinks: [sink])
    }

    @Test("only what is outside is asked for its domain names")
    func domainNames() throws {
        let handed = Shared<[Flow]>([])
        let asked = Shared<[IPAddress]>([])
        let pod = PodRecord(Pod(key: NamespacedName("shop", "db"), addresses: [IPAddress("10.1.2.3")!]))
        var changes = FlowEnricher.Changes()
        changes.names.pods = [ClusterMetadataDelta.Change(old: nil, new: pod)]
        let dispatcher = dispatcher(
            changes, LogBook().logger,
            domainNames: { event in
                asked.change { $0.append(event.destination) }
                return ["api.example.com"]
            }
        ) { flow in handed.change { $0.append(flow) } }
        dispatcher.receive(try event("10.1.2.3"))
        dispatcher.receive(try event("203.0.113.7"))
        #expect(handed.value.map(\.destinationNames) == [[], ["api.example.com"]])
        #expect(asked.value == [IPAddress("203.0.113.7")!])
    }

    @Test("D: one pod's flood has its share of the log, and what was left out is counted")
    func shares() throws {
        let lines = LogBook()
        let log = FlowLog(lines.logger)
        let now = ContinuousClock.now
        log.endMinute(at: now)
        func flow(_ pod: String) -> Flow {
            Flow(
                time: FlowTime(nanoseconds: 1), verdict: .denied, source: FlowEnd(namespace: "shop", pod: pod),
                destination: FlowEnd(), transport: FlowTransport(protocolNumber: 6, destinationPort: 80))
        }
        for _ in 0..<1000 { log.record(flow("loud")) }
        log.record(flow("calm"))
        log.endMinute(at: now + .seconds(59))
        let written = lines.text.split(separator: "\n")
        #expect(written.count { $0.contains("shop/loud") } == 600 && written.count { $0.contains("shop/calm") } == 1)
        log.endMinute(at: now + .seconds(60))
        #expect(lines.text.contains("400 flows of shop/loud were left out"))
        log.record(flow("loud"))
        #expect(lines.text.split(separator: "\n").count == 603, "a new minute has begun")
    }

    @Test("the log has all but what is allowed; all are handed on")
    func dispatching() throws {
        let lines = LogBook()
        let handed = Shared<[Flow]>([])
        let dispatcher = dispatcher(changes, lines.logger) { flow in handed.change { $0.append(flow) } }
        for verdict in [FlowVerdict.denied, .allowed, .audit, .held] {
            dispatcher.receive(try event { $0.verdict = verdict.kernelValue })
        }
        #expect(handed.value.map(\.verdict) == [.denied, .allowed, .audit, .held])
        let words = lines.text.split(separator: "\n").map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(words == ["notice DENIED", "notice AUDIT", "notice HELD"])
    }

    @Test("C1: the millionth event costs what the first did, in time and in stack")
    func aMillionEvents() throws {
        let places = Shared((deepest: UInt.max, shallowest: UInt.min))
        let dispatcher = dispatcher(
            changes, Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() },
            domainNames: { _ in
                var here: UInt8 = 0
                let place = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
                places.change { $0 = (min($0.deepest, place), max($0.shallowest, place)) }
                return ["api.example.com"]
            }
        ) { _ in }
        let outside = try event("203.0.113.7")
        // Of this thread alone, whatever else the machine does.
        func processorSeconds() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        var tenths: [Double] = []
        for _ in 0..<10 {
            let begun = processorSeconds()
            for _ in 0..<100_000 { dispatcher.receive(outside) }
            tenths.append(processorSeconds() - begun)
        }
        let (deepest, shallowest) = places.value
        try #require(deepest <= shallowest, "nobody was asked for names")
        let stack = shallowest - deepest
        print("a million events: the first tenth \(tenths[0]) s, the last \(tenths[9]) s; stack \(stack) bytes apart")
        #expect(stack < 4096)
        #expect(tenths[9] < tenths[0] * 3)
    }

    @Test("C1: no lock in Sources holds a closure")
    func noClosureInALock() throws {
        let sources = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let files = try FileManager.default.subpathsOfDirectory(atPath: "/\(sources)/Sources").filter {
            $0.hasSuffix(".swift")
        }
        #expect(files.count > 300)
        for file in files {
            let text = try String(contentsOfFile: "/\(sources)/Sources/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") where line.contains("Mutex<") {
                #expect(!line.contains("->"), "\(file): \(line)")
            }
        }
    }
}
