import PolicyModel
import VerdictTables

/// The guards in force, by name.
struct GuardIndex {
    struct Entry {
        var guarded: Guard
        var cause: CauseID

        /// What it says about what it guards.
        var outcome: Claim.Outcome {
            guarded.mode == .enforce ? .decide(Decision(.guard, cause)) : .watch(cause)
        }
    }

    private let guards: [String: Entry]

    init(_ guards: [Guard], cause: (Cause) -> CauseID) {
        self.guards = Dictionary(
            guards.map { ($0.name, Entry(guarded: $0, cause: cause(.guarded($0.name)))) },
            uniquingKeysWith: { first, _ in first })
    }

    var causes: some Collection<CauseID> { guards.values.map(\.cause) }

    /// The guards of what an address is: those that deny first, then by name.
    private func entries(_ peerships: [Peership], _ exempt: Set<Guard.Kind>) -> [Entry] {
        peerships.compactMap { if case .guarded(let name) = $0 { guards[name] } else { nil } }
            .filter { !exempt.contains($0.guarded.kind) }
            .sorted {
                ($0.guarded.mode == .enforce ? 0 : 1, $0.guarded.name)
                    < ($1.guarded.mode == .enforce ? 0 : 1, $1.guarded.name)
            }
    }

    func claims(about peerships: [Peership], exempt: Set<Guard.Kind>) -> [Claim] {
        entries(peerships, exempt).flatMap { entry in
            entry.guarded.patterns.map { Claim(.guards, $0, entry.outcome) }
        }
    }

    /// The first that guards this port.
    func guarding(
        _ peerships: [Peership], _ protocol: TransportProtocol, _ port: UInt16, exempt: Set<Guard.Kind>
    ) -> Entry? {
        entries(peerships, exempt).first { entry in
            entry.guarded.patterns.contains { $0.matches(`protocol`, port) }
        }
    }
}
