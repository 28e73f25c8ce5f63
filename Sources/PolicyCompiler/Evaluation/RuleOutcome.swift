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

/// The stages in which a destination is judged, in the order of docs/design/data-walk.md, "Tiers and guards".
enum EvaluationStage {
    /// A service's port: what it comes to by all the other stages together.
    case service
    case admin, guards, ownNode, networkPolicy, baseline
    /// What holds when none of the others decides.
    case end
}

/// One thing said about a destination. Outcomes are listed in the order in which
/// they are asked; the first that decides a port ends it.
struct RuleOutcome: Hashable {
    enum Outcome: Hashable {
        case decide(Decision)
        /// The stage's further outcomes do not count (action Pass).
        case skipStage
        /// A guard that lets pass: what is allowed in the end is this instead, by
        /// its own cause where none is given.
        case overrideAllow(as: Action, cause: CauseID?)
    }

    var stage: EvaluationStage
    var pattern: PortPattern
    var outcome: Outcome
    /// In tier Admin: how many of its rules for domain names come before.
    var namesBefore: UInt16

    init(_ stage: EvaluationStage, _ pattern: PortPattern, _ outcome: Outcome, namesBefore: UInt16 = 0) {
        self.stage = stage
        self.pattern = pattern
        self.outcome = outcome
        self.namesBefore = namesBefore
    }
}

extension [RuleOutcome] {
    /// The decision of the outcomes that cover some port.
    ///
    /// - Parameters:
    ///   - covering: their places, ascending. Lists end with an outcome about everything
    ///     that decides, so that there is one.
    ///   - dnsRuleCount: how many rules for domain names there are.
    func decision(of covering: [Int], dnsRuleCount: Precedence = .first) -> Decision? {
        guard let (decided, place) = decidingOutcome(of: covering) else { return nil }
        var decision = decided
        if decision.action.allows { return decision }
        decision.dnsPrecedence = precedence(of: covering.prefix { $0 <= place }, dnsRuleCount)
        return decision
    }

    /// How many rules for names come before what is decided.
    ///
    /// - Parameter asked: the outcomes up to the one that decides.
    private func precedence(of asked: ArraySlice<Int>, _ dnsRuleCount: Precedence) -> Precedence {
        guard let last = asked.last else { return .first }
        // What leads on to other addresses is no place that a name stands for.
        if self[last].stage == .service { return .first }
        return Precedence(
            admin: asked.first { self[$0].ends(.admin) }.map { self[$0].namesBefore } ?? dnsRuleCount.admin)
    }

    private func decidingOutcome(of covering: [Int]) -> (Decision, place: Int)? {
        var skipped: Set<EvaluationStage> = []
        var override: (action: Action, cause: CauseID?)?
        for place in covering where !skipped.contains(self[place].stage) {
            switch self[place].outcome {
            case .skipStage: skipped.insert(self[place].stage)
            case .overrideAllow(let action, let cause): override = override ?? (action, cause)
            case .decide(let decision):
                switch decision.action {
                // Audit mode lets pass what policy denies, but not what a guard denies too.
                case .deny where covering.contains { $0 > place && self[$0].isGuard }:
                    return (Decision(.guard, decision.cause), place)
                case .allow:
                    if let override { return (Decision(override.action, override.cause ?? decision.cause), place) }
                    let passesGuard = covering.contains { $0 > place && self[$0].stage == .guards }
                    return (passesGuard ? Decision(.allowGuarded, decision.cause) : decision, place)
                default: return (decision, place)
                }
            }
        }
        return nil
    }
}

extension RuleOutcome {
    /// Whether nothing more of the stage is asked after it.
    fileprivate func ends(_ stage: EvaluationStage) -> Bool {
        guard self.stage == stage else { return false }
        return switch outcome {
        case .decide, .skipStage: true
        case .overrideAllow: false
        }
    }

    /// Whether it says the same, be it of other ports.
    func isLike(_ other: RuleOutcome) -> Bool {
        stage == other.stage && outcome == other.outcome && namesBefore == other.namesBefore
    }

    /// Whether no later outcome counts for the ports that it covers: guards come before it.
    var endsAll: Bool {
        if stage == .networkPolicy, case .decide = outcome { true } else { false }
    }

    fileprivate var isGuard: Bool {
        if stage == .guards, case .decide = outcome { true } else { false }
    }
}
