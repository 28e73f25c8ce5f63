/// What must hold before the node counts as ready, and what stands in the way
/// of each that does not.
package struct Readiness: Hashable, Sendable {
    package enum Condition: String, Hashable, Sendable, CaseIterable {
        /// The source has said all there is.
        case synced
        /// The programs are on the pods' cgroups, and seen to judge what is sent there.
        case attached
        /// What the kernel holds has been compared with what it should.
        case verified
        /// Every long task of the agent does what it is there for.
        case running
    }

    private var obstacles: [Condition: String]

    /// None holds yet.
    package init() {
        obstacles = Dictionary(uniqueKeysWithValues: Condition.allCases.map { ($0, "not yet") })
    }

    /// What stands in the way of the condition; nil if it holds.
    package subscript(condition: Condition) -> String? {
        get { obstacles[condition] }
        set { obstacles[condition] = newValue }
    }

    package var isReady: Bool { obstacles.isEmpty }

    /// One line for each condition that does not hold, or `ok`.
    package var summary: String {
        if isReady { return "ok\n" }
        return Condition.allCases.compactMap { condition in
            self[condition].map { "\(condition.rawValue): \(Self.line($0))\n" }
        }.joined()
    }

    /// Every condition, as the API server's own `/readyz?verbose` puts it.
    package var verbose: String {
        let lines = Condition.allCases.map { condition in
            self[condition].map { "[-]\(condition.rawValue) failed: \(Self.line($0))\n" }
                ?? "[+]\(condition.rawValue) ok\n"
        }
        return lines.joined() + "readyz check \(isReady ? "passed" : "failed")\n"
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
