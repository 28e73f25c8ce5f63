import PolicyModel

/// Whose Event is reported next: namespaces take turns, within one its workloads, within one of these
/// what has waited longest.
struct EventTurns: Sendable {
    /// Who takes turns. A pod without a controller is a workload of its own.
    struct Speaker: Hashable {
        var namespace: String
        var workload: String

        init(_ denial: Denial) {
            namespace = denial.pod.namespace
            workload = denial.workload.map { "\($0.kind)/\($0.name)" } ?? "/\(denial.pod.name)"
        }
    }

    private var turn: UInt64 = 0
    /// When they were last heard.
    private var namespaces: [String: UInt64] = [:]
    private var workloads: [Speaker: UInt64] = [:]

    mutating func recordTurn(_ speaker: Speaker) {
        turn += 1
        namespaces[speaker.namespace] = turn
        workloads[speaker] = turn
    }

    /// Who of them was heard least lately.
    func next(of speakers: some Sequence<Speaker>) -> Speaker? {
        speakers.min { left, right in
            let (first, second) = (rank(left), rank(right))
            // The names decide between those that were never heard.
            return first != second
                ? first < second
                : (left.namespace, left.workload) < (right.namespace, right.workload)
        }
    }

    private func rank(_ speaker: Speaker) -> (UInt64, UInt64) {
        (namespaces[speaker.namespace] ?? 0, workloads[speaker] ?? 0)
    }

    /// Forgets all but these.
    mutating func keep(_ speakers: Set<Speaker>) {
        guard workloads.count > 2 * speakers.count + 64 else { return }
        workloads = workloads.filter { speakers.contains($0.key) }
        let living = Set(speakers.map(\.namespace))
        namespaces = namespaces.filter { living.contains($0.key) }
    }
}
