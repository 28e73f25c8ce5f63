import AgentAPI
import AgentConfiguration
import PolicyModel
import VerdictTables

/// While kinds of object are awaited that a cluster may do without, and nobody knows yet
/// whether this one does.
extension Agent {
    /// Takes what a batch says of them, before its changes are taken.
    func setAwaited(awaited kinds: [String]) {
        if awaited != kinds { snapshotIsStale = true }
        awaited = kinds
        if kinds.isEmpty { reportAwaited() }
        guard !kinds.isEmpty, !isSynced, configuration.startupPosture == .hold else { return }
        do {
            node.closeGate(inside: try datapath.knownPods())
        } catch {
            setCondition("tables", "which pods are enforced already cannot be read: \(error)")
            node.closeGate(inside: [])
        }
    }

    /// Not at once: at most starts all lists come within moments of each other.
    func reportAwaited() {
        let subject = "awaited kinds"
        guard !awaited.isEmpty else { return clearCondition(subject) }
        let consequence =
            if !ownsTables && mustKeepEarlierTables {
                "rules of theirs are in force, so what is enforced already stays and nothing new is"
            } else if configuration.startupPosture == .hold && isSynced {
                "new pods are held"
            } else {
                "the rest is in force"
            }
        setCondition(
            subject,
            "\(awaited.joined(separator: ", ")): \(consequence), until they are listed or known not to be served")
    }

    /// Whether what an earlier agent enforces holds rules of an awaited kind, which
    /// would be lost if the tables were made from what is known.
    var mustKeepEarlierTables: Bool {
        guard !ownsTables, !awaited.isEmpty else { return false }
        // Who says nothing may have enforced anything.
        guard let inherited else { return true }
        let kinds = ObjectReference.Kind.allCases.filter { awaited.contains($0.resource) }.map { "\($0.rawValue) " }
        return inherited.pods.contains { pod in
            pod.policies.contains { policy in kinds.contains { policy.hasPrefix($0) } }
        }
    }
}

extension ObjectReference.Kind {
    /// Its name in the API's paths.
    fileprivate var resource: String {
        let singular = rawValue.lowercased()
        return singular.hasSuffix("y") ? singular.dropLast() + "ies" : singular + "s"
    }
}
