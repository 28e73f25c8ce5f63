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

/// The steps in which a destination is judged, in the design's order (section 2).
enum Step {
    /// A service's port: what it comes to by all the other steps together.
    case service
    case admin, guards, ownNode, networkPolicy, baseline
    /// What holds when none of the others decides.
    case end
}

/// One thing said about a destination. Claims are listed in the order in which
/// they are asked; the first that decides a port ends it.
struct Claim: Hashable {
    enum Outcome: Hashable {
        case decide(Decision)
        /// The step's further claims do not count (action Pass).
        case skipStep
        /// A guard that lets pass: what is allowed in the end is this instead, by
        /// its own cause where none is given.
        case watch(Action, CauseID?)
    }

    var step: Step
    var pattern: PortPattern
    var outcome: Outcome

    init(_ step: Step, _ pattern: PortPattern, _ outcome: Outcome) {
        self.step = step
        self.pattern = pattern
        self.outcome = outcome
    }
}

extension [Claim] {
    /// What the claims that cover some port come to.
    ///
    /// - Parameter covering: their places, ascending. Lists end with a claim about
    ///   everything that decides, so that there is one.
    func decision(of covering: [Int]) -> Decision? {
        var skipped: Set<Step> = []
        var watched: (action: Action, cause: CauseID?)?
        for place in covering where !skipped.contains(self[place].step) {
            switch self[place].outcome {
            case .skipStep: skipped.insert(self[place].step)
            case .watch(let action, let cause): watched = watched ?? (action, cause)
            case .decide(let decision):
                switch decision.action {
                // Audit mode lets pass what policy denies, but not what a guard denies too.
                case .deny where covering.contains { $0 > place && self[$0].isGuard }:
                    return Decision(.guard, decision.cause)
                case .allow:
                    if let watched { return Decision(watched.action, watched.cause ?? decision.cause) }
                    let passesGuard = covering.contains { $0 > place && self[$0].step == .guards }
                    return passesGuard ? Decision(.pastGuard, decision.cause) : decision
                default: return decision
                }
            }
        }
        return nil
    }
}

extension Claim {
    fileprivate var isGuard: Bool {
        if step == .guards, case .decide = outcome { true } else { false }
    }
}
