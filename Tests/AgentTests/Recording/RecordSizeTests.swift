import Agent
import AgentAPI
import Flows
import Glibc
import PolicyModel
import TestHarness
import Testing

@Suite("What recorded flows take", .serialized)
struct RecordSizeTests {
    /// Of 200 workloads with usual labels, to each other and to the outside.
    static func flow(_ number: Int) -> Flow {
        func end(_ workload: Int) -> FlowEnd {
            FlowEnd(
                address: IPAddress(ipv4: 0x0a00_0000 + UInt32(workload)), namespace: "namespace-\(workload % 20)",
                pod: "workload-\(workload)-6d4cf56db6-x2x7p",
                labels: [
                    "app.kubernetes.io/name": "workload-\(workload)",
                    "app.kubernetes.io/instance": "release-\(workload % 7)",
                    "app.kubernetes.io/component": "server", "app.kubernetes.io/managed-by": "Helm",
                    "app.kubernetes.io/version": "1.2.3", "pod-template-hash": "6d4cf56db6",
                ], workload: Workload(kind: "Deployment", name: "workload-\(workload)"))
        }
        let isOutside = number % 4 == 0
        return Flow(
            time: FlowTime(nanoseconds: 1_795_000_000_000_000_000 + UInt64(number)), verdict: .allowed,
            source: end(number % 200),
            destination: isOutside
                ? FlowEnd(address: IPAddress(ipv4: UInt32(truncatingIfNeeded: number &* 2_654_435_761)))
                : end(number / 200 % 200),
            transport: FlowTransport(protocolNumber: 6, destinationPort: UInt16(1024 + number / 40_000)),
            destinationKind: isOutside ? .external : .pod)
    }

    @Test("20,000 records stay below 32 MB of file and 64 MB of memory, however many flows come")
    func bounded() async throws {
        let files = try TemporaryDirectory()
        let settings = FlowRecorder.Settings(directory: files.path("records"), fallback: files.root, limit: 20_000)
        let recorder = FlowRecorder(
            settings, describe: { _, _ in RecordedCluster() },
            setCondition: { _, trouble in
                if let trouble { Issue.record("\(trouble)") }
            })
        let before = Self.residentBytes
        let begun = ContinuousClock.now
        for number in 0..<300_000 { recorder.record(Self.flow(number)) }
        let spent = ContinuousClock.now - begun
        let counts = recorder.counts
        #expect(counts.records <= 20_000 && counts.records > 18_000 && counts.forgotten > 0)
        let running = Task { await recorder.run() }
        running.cancel()
        await running.value
        let memory = Self.residentBytes - before
        let bytes = TemporaryDirectory.bytes("\(files.path("records"))/\(RecordFile.fileName)").count
        print(
            "RecordSizeTests: \(counts.records) records, \(bytes) bytes on disk, \(memory) in memory, \(spent / 300_000) a flow"
        )
        #expect(bytes < 32 << 20 && memory < 64 << 20)
        let read = try #require(try RecordFile.read("\(files.path("records"))/\(RecordFile.fileName)"))
        #expect(read.broken == nil && read.flows.records.count == counts.records)
    }

    /// The second number of proc(5)'s statm, in pages.
    private static var residentBytes: Int {
        let words = TemporaryDirectory.text("/proc/self/statm").split(separator: " ")
        return (Int(words[1]) ?? 0) * Int(getpagesize())
    }
}
