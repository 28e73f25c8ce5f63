import PolicyModel
import VerdictTables

/// The guards in force, by name.
struct GuardIndex {
    struct Entry {
        var guarded: Guard
        var cause: CauseID
        /// Names the guard where it does not apply.
        var exemption: CauseID

        /// What it says about what it guards.
        func outcome(exempt: Set<Guard.Kind>) -> RuleOutcome.Outcome {
            if exempt.contains(guarded.kind) { return .overrideAllow(as: .allowGuarded, cause: exemption) }
            return guarded.mode == .enforce
                ? .decide(Decision(.guard, cause)) : .overrideAllow(as: .audit, cause: cause)
        }

        /// What denies comes first, then what reports.
        fileprivate func rank(exempt: Set<Guard.Kind>) -> Int {
            if exempt.contains(guarded.kind) { return 2 }
            return guarded.mode == .enforce ? 0 : 1
        }
    }

    private let guards: [String: Entry]

    init(_ guards: [Guard], cause: (Cause) -> CauseID) {
        self.guards = Dictionary(
            guards.map { guarded in
                let name = guarded.name
                return (
                    name,
                    Entry(guarded: guarded, cause: cause(.guarded(name)), exemption: cause(.exempted(name)))
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    var causes: some Collection<CauseID> { guards.values.flatMap { [$0.cause, $0.exemption] } }

    /// The guards of what an address is, by rank and then by name.
    private func entries(_ peers: [PeerIdentity], _ exempt: Set<Guard.Kind>) -> [Entry] {
        peers.compactMap { if case .guarded(let name) = $0 { guards[name] } else { nil } }
            .sorted {
                ($0.rank(exempt: exempt), $0.guarded.name) < ($1.rank(exempt: exempt), $1.guarded.name)
            }
    }

    func outcomes(about peers: [PeerIdentity], exempt: Set<Guard.Kind>) -> [RuleOutcome] {
        entries(peers, exempt).flatMap { entry in
            entry.guarded.patterns.map { RuleOutcome(.guards, $0, entry.outcome(exempt: exempt)) }
        }
    }

    /// The first that guards this port.
    func guarding(
        _ peers: [PeerIdentity], _ protocol: TransportProtocol, _ port: UInt16, exempt: Set<Guard.Kind>
    ) -> Entry? {
        entries(peers, exempt).first { entry in
            entry.guarded.patterns.contains { $0.matches(`protocol`, port) }
        }
    }
}

extension Guard {
    var patterns: [PortPattern] {
        switch ports {
        case .all: [.everything]
        case .allExcept(let ports):
            [
                .everythingBut(
                    ports.flatMap { port in
                        [TransportProtocol.tcp, .udp].map {
                            PortPrefix(protocol: $0.rawValue, port: port)
                        }
                    })
            ]
        case .tcp(let ranges): ranges.map { .ports(.tcp, $0) }
        }
    }
}
