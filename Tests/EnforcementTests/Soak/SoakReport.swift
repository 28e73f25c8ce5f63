/// What one tenth of a soak came to.
struct SoakTenth {
    var seconds = 0.0
    /// Flows that the kernel told the agent of.
    var told = 0
    /// Flows that were lost on the way, as the buffer was full.
    var lost = 0
    /// Answers of the resolver that the programs read.
    var answers = 0
    /// Pods that came and went.
    var pods = 0
    /// Edits of policies.
    var edits = 0
    /// The agent's processor time in all of it.
    var processorSeconds = 0.0
    /// The agent's memory at its end, in bytes.
    var resident = 0
    var descriptors = 0
    var threads = 0

    /// With all the rest that it had to do.
    var nanosecondsPerEvent: Double { processorSeconds * 1e9 / Double(max(told, 1)) }
}

/// A soak's figures, a line each tenth.
struct SoakReport {
    private let tenths: [SoakTenth]

    init(_ tenths: [SoakTenth]) { self.tenths = tenths }

    var text: String {
        let header = [
            "tenth", "seconds", "flows told", "lost", "answers", "pods", "edits", "ns/flow", "MiB", "fds", "threads",
        ]
        let rows = tenths.enumerated().map { number, tenth in
            [
                number + 1, Int(tenth.seconds), tenth.told, tenth.lost, tenth.answers, tenth.pods, tenth.edits,
                Int(tenth.nanosecondsPerEvent), tenth.resident >> 20, tenth.descriptors, tenth.threads,
            ].map(String.init)
        }
        let sums = [
            "all", String(Int(tenths.reduce(0) { $0 + $1.seconds })), sum(\.told), sum(\.lost), sum(\.answers),
            sum(\.pods),
            sum(\.edits), "", "", "", "",
        ]
        return ([header] + rows + [sums]).map { row in
            row.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }.joined()
        }.joined(separator: "\n")
    }

    private func sum(_ part: KeyPath<SoakTenth, Int>) -> String { String(tenths.reduce(0) { $0 + $1[keyPath: part] }) }
}
