import KernelDatapath

/// Whether the kernel runs the programs that ask the tables: without them the tables decide nothing.
enum Standing: String, Encodable {
    /// Every program on every cgroup.
    case whole = "yes"
    /// Some are detached, missing or not the pinned ones.
    case partly
    case nowhere = "no"

    init(_ attachments: [AttachedProgram]) {
        let live = attachments.count { if case .live = $0.state { true } else { false } }
        self = live == 0 ? .nowhere : live < attachments.count ? .partly : .whole
    }

    init(_ pins: Pins) { self.init((try? Attachments(pins: pins).list()) ?? []) }

    /// What is to be said beside what the tables and the agent's files say; nil where nothing is.
    ///
    /// - Parameter last: what an agent that does not run left behind.
    func warning(isAgentRunning: Bool, _ last: String) -> String? {
        switch (self, isAgentRunning) {
        case (.whole, true): nil
        case (.whole, false): "sluiced does not run; enforcement goes on, and \(last)"
        case (.partly, _):
            "programs are missing on some cgroups: what is said here is not in force everywhere; see sluice status"
        case (.nowhere, _): "no program is attached: what is said here is NOT IN FORCE; see sluice status"
        }
    }
}
