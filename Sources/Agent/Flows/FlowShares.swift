import AgentAPI
import Flows
import PolicyModel

/// How many flows each pod has in the agent's log or in the audit log: a flood of one must not push the others'
/// out of the files. What is left out is counted, and the log says so.
struct FlowShares: Sendable {
    /// One that denials of no flood come to.
    static let perMinute = 600

    private struct Taken {
        var count = 0
        var leftOut = 0
    }

    private var begun: ContinuousClock.Instant?
    private var pods: [String: Taken] = [:]

    /// - Returns: whether there is room for one more of the flow's pod in this minute.
    mutating func admit(_ flow: Flow) -> Bool {
        let pod = flow.source.key?.description ?? flow.source.cgroup.map { "cgroup \($0)" } ?? ""
        pods[pod, default: Taken()].count += 1
        guard pods[pod, default: Taken()].count > Self.perMinute else { return true }
        pods[pod]?.leftOut += 1
        return false
    }

    /// Ends the minute once it is over.
    ///
    /// - Returns: what to say of what was left out in it.
    mutating func end(at now: ContinuousClock.Instant) -> [String] {
        guard let minute = begun else {
            begun = now
            return []
        }
        guard now - minute >= .seconds(60) else { return [] }
        defer {
            begun = now
            pods = [:]
        }
        return pods.filter { $0.value.leftOut > 0 }.sorted { $0.key < $1.key }.map {
            "\($0.value.leftOut) flows of \($0.key) were left out, which had more than \(Self.perMinute) in a minute"
        }
    }
}
