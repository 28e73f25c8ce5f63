import Flows
import KernelDatapath
import PolicyModel
import VerdictTables

/// A cause as flows tell it.
struct CauseText: Sendable {
    var policy: FlowPolicy?
    var reason: String
    /// Whether a rule of the administrators allows it, which alone opens a guard.
    var isAccept: Bool

    init(_ cause: Cause) {
        policy = FlowPolicy(cause)
        reason = cause.reason
        switch cause {
        case .tier(let rule), .serviceTier(_, nil, let rule): isAccept = rule.action == .accept
        default: isAccept = false
        }
    }
}

extension FlowPolicy {
    /// Nil where no policy decided.
    init?(_ cause: Cause) {
        guard let policy = cause.policy else { return nil }
        self.init(kind: policy.kind.rawValue, namespace: policy.namespace, name: policy.name, rule: cause.rule)
    }
}

extension FlowEvent {
    /// Why it came to this verdict.
    ///
    /// - Parameters:
    ///   - known: what `cause` stands for, if that is known.
    ///   - guardName: of what guards the destination.
    func reason(_ known: CauseText?, guardName: String?) -> String {
        if verdict == .held { return "its pod is not known yet" }
        let reason = known?.reason ?? (guarded ? "guarded" : "cause \(cause)")
        guard verdict == .allowed, guarded, known?.isAccept == true else { return reason }
        return "\(guardName.map { "guard \($0)" } ?? "a guard") is opened: \(reason)"
    }
}
