import Agent
import Synchronization
import TestHarness
import Testing

@Suite struct SupervisorTests {
    private struct Broken: Error, CustomStringConvertible { let description = "no memory" }

    @Test("C5: a task that ends or fails is begun again, and named as long as it stays away")
    func restarts() async throws {
        var rhythm = Supervisor.Intervals()
        rhythm.firstRetry = .milliseconds(1)
        rhythm.trial = .milliseconds(50)
        let told = Shared<[String]>([])
        let runs = Atomic(0)
        let supervisor = Supervisor(rhythm) { name, reason in told.change { $0.append("\(name): \(reason ?? "runs")") }
        }
        let tasks = [
            LongTask("reader") {
                switch runs.add(1, ordering: .relaxed).newValue {
                case 1: throw Broken()
                case 2: return
                default: try? await Task.sleep(for: .seconds(1000))
                }
            },
            LongTask("other") { try? await Task.sleep(for: .seconds(1000)) },
            LongTask("start", ends: true) {},
        ]
        try await alongside({ await supervisor.run(tasks) }) {
            try await eventually("it runs again", describing: { "\(told.value)" }) { told.value.last == "reader: runs" }
        }
        #expect(
            told.value == [
                "reader: no memory; it is begun again", "reader: has ended; it is begun again", "reader: runs",
            ])
        #expect(runs.load(ordering: .relaxed) == 3)
    }

    @Test("C5: the end of all is nobody's fault")
    func ends() async throws {
        let told = Shared<[String]>([])
        let supervisor = Supervisor { name, _ in told.change { $0.append(name) } }
        let tasks = (0..<10).map { number in LongTask("\(number)") { try await Task.sleep(for: .seconds(1000)) } }
        try await alongside({ await supervisor.run(tasks) }) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(told.value == [])
    }
}
