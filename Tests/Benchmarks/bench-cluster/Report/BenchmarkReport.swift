import BenchmarkSupport

/// Everything that a run found out.
struct BenchmarkReport: Encodable {
    struct Change: Encodable {
        var name: String
        /// Milliseconds.
        var p50: Double
        var p99: Double
        var count: Int

        var line: String {
            padded("  " + name, 46) + "p50 \(fixed(p50, 2)) ms, p99 \(fixed(p99, 2)) ms, \(count) changes"
        }
    }

    var machine = Machine.processors
    var kernel = Machine.kernel
    var pods: Int
    var policies: Int
    var localPods: Int
    /// Seconds from the start of the process until it enforces.
    var firstSync = Double.nan
    /// Of these, the agent's own processor time.
    var firstSyncProcessor = Double.nan
    /// MiB, the highest until the first sync.
    var peakMemory = Double.nan
    /// MiB resident at the end; of these, what is not a file's.
    var memory = Double.nan
    var anonymousMemory = Double.nan
    var changes: [Change] = []
    var mapEntries: [String: Int] = [:]

    init(pods: Int, policies: Int, localPods: Int) {
        self.pods = pods
        self.policies = policies
        self.localPods = localPods
    }

    var table: String {
        var lines = [
            "\(machine), \(kernel)",
            "\(pods) pods, \(policies) policies, \(localPods) pods on the node; the list is served by this program",
            "",
            padded("first sync", 46) + "\(fixed(firstSync, 1)) s, \(fixed(firstSyncProcessor, 1)) s of it the agent's processor time",
            padded("resident memory, peak of the first sync", 46) + "\(fixed(peakMemory, 0)) MiB",
            padded("resident memory at the end", 46) + "\(fixed(memory, 0)) MiB, \(fixed(anonymousMemory, 0)) MiB of it anonymous",
            "", "From the change sent to the kernel's maps",
        ]
        lines += changes.map(\.line)
        lines += ["", "Entries: " + mapEntries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")]
        return lines.joined(separator: "\n")
    }
}
