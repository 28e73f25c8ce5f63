import PolicyModel
import VerdictTables

/// The guards in force, by name.
struct GuardIndex {
    private let guards: [String: (guarded: Guard, cause: CauseID)]

    init(_ guards: [Guard], cause: (Cause) -> CauseID) {
        self.guards = Dictionary(
            guards.map { ($0.name, ($0, cause(.guarded($0.name)))) }, uniquingKeysWith: { first, _ in first })
    }

    var causes: some Collection<CauseID> { guards.values.map(\.cause) }

    private func names(_ peerships: [Peership]) -> [String] {
        peerships.compactMap { if case .guarded(let name) = $0 { name } else { nil } }.sorted()
    }

    func claims(about peerships: [Peership]) -> [Claim] {
        names(peerships).compactMap { guards[$0] }.flatMap { entry in
            entry.guarded.patterns.map { Claim(pattern: $0, decision: Decision(.guard, entry.cause)) }
        }
    }

    /// The first guard, by name, that guards this port.
    func name(guarding peerships: [Peership], _ protocol: TransportProtocol, _ port: UInt16) -> String? {
        names(peerships).first { name in
            guards[name]?.guarded.patterns.contains { $0.matches(`protocol`, port) } ?? false
        }
    }
}
