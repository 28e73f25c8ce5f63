import PolicyModel
import VerdictTables

/// Which protocols and ports something is said about.
enum PortPattern: Hashable {
    case everything
    case everythingBut([PortPrefix])
    case ports(TransportProtocol, ClosedRange<UInt16>)

    func matches(_ protocol: TransportProtocol, _ port: UInt16) -> Bool {
        switch self {
        case .everything: true
        case .everythingBut(let holes):
            !holes.contains { $0.covers(PortPrefix(protocol: `protocol`.rawValue, port: port)) }
        case .ports(let own, let range): own == `protocol` && range.contains(port)
        }
    }
}

/// The steps in which a destination is judged, in the order of docs/architecture.md, "Tiers and guards".
enum EvaluationStage {
    /// A service's port: what it comes to by all the other steps together.
    case service
    case admin, guards, ownNode, networkPolicy, baseline
    /// What holds when none of the others decides.
    case end
}

/// One thing said about a destination. Claims are listed in the order in which
/// they are asked; the first that decides a port ends it.
struct RuleOutcome: Hashable {
    enum Outcome: Hashable {
        case decide(Decision)
        /// The step's further claims do not count (action Pass).
        case skipStep
        /// A guard that lets pass: what is allowed in the end is this instead, by
        /// its own cause where none is given.
        case watch(Action, CauseID?)
    }

    var step: EvaluationStage
    var pattern: PortPattern
    var outcome: Outcome
    /// In tier Admin: how many of its rules for domain names come before.
    var namesBefore: UInt16

    init(_ step: EvaluationStage, _ pattern: PortPattern, _ outcome: Outcome, namesBefore: UInt16 = 0) {
        self.step = step
        self.pattern = pattern
        self.outcome = outcome
        self.namesBefore = namesBefore
    }
}

extension [RuleOutcome] {
    /// What the claims that cover some port come to.
    ///
    /// - Parameters:
    ///   - covering: their places, ascending. Lists end with a claim about everything
    ///     that decides, so that there is one.
    ///   - names: how many rules for domain names there are.
    func decision(of covering: [Int], names: Precedence = .first) -> Decision? {
        guard let (decided, place) = decidingClaim(of: covering) else { return nil }
        var decision = decided
        if decision.action.allows { return decision }
        decision.names = precedence(of: covering.prefix { $0 <= place }, names)
        return decision
    }

    /// How many rules for names come before what is decided.
    ///
    /// - Parameter asked: the claims up to the one that decides.
    private func precedence(of asked: ArraySlice<Int>, _ names: Precedence) -> Precedence {
        guard let last = asked.last else { return .first }
        // What leads on to other addresses is no place that a name stands for.
        if self[last].step == .service { return .first }
        return Precedence(
            admin: asked.first { self[$0].ends(.admin) }.map { self[$0].namesBefore } ?? names.admin)
    }

    private func decidingClaim(of covering: [Int]) -> (Decision, place: Int)? {
        var skipped: Set<EvaluationStage> = []
        var watched: (action: Action, cause: CauseID?)?
        for place in covering where !skipped.contains(self[place].step) {
            switch self[place].outcome {
            case .skipStep: skipped.insert(self[place].step)
            case .watch(let action, let cause): watched = watched ?? (action, cause)
            case .decide(let decision):
                switch decision.action {
                // Audit mode lets pass what policy denies, but not what a guard denies too.
                case .deny where covering.contains { $0 > place && self[$0].isGuard }:
                    return (Decision(.guard, decision.cause), place)
                case .allow:
                    if let watched { return (Decision(watched.action, watched.cause ?? decision.cause), place) }
                    let passesGuard = covering.contains { $0 > place && self[$0].step == .guards }
                    return (passesGuard ? Decision(.pastGuard, decision.cause) : decision, place)
                default: return (decision, place)
                }
            }
        }
        return nil
    }
}

extension RuleOutcome {
    /// Whether nothing more of the step is asked after it.
    fileprivate func ends(_ step: EvaluationStage) -> Bool {
        guard self.step == step else { return false }
        return switch outcome {
        case .decide, .skipStep: true
        case .watch: false
        }
    }

    /// Whether it says the same, be it of other ports.
    func isLike(_ other: RuleOutcome) -> Bool {
        step == other.step && outcome == other.outcome && namesBefore == other.namesBefore
    }

    /// Whether no later claim counts for the ports that it covers: guards come before it.
    var endsAll: Bool {
        if step == .networkPolicy, case .decide = outcome { true } else { false }
    }

    fileprivate var isGuard: Bool {
        if step == .guards, case .decide = outcome { true } else { false }
    }
}
