package import KernelDatapath
import VerdictTables

/// What has been told already of pods' calls for sockets that no verdict covers.
package struct SocketAttemptTally {
    private struct Key: Hashable {
        var cgroup: CgroupID
        var family: UInt16
        var refused: Bool
    }

    private var told: [Key: UInt64] = [:]

    package init() {}

    /// The attempts that have become more since the last call; `count` is then by how many.
    ///
    /// The kernel forgets those of long ago first; one that was forgotten begins again at zero.
    package mutating func news(of attempts: [SocketAttempt]) -> [SocketAttempt] {
        var next: [Key: UInt64] = [:]
        var news: [SocketAttempt] = []
        for var attempt in attempts {
            let key = Key(cgroup: attempt.cgroup, family: attempt.family, refused: attempt.refused)
            let before = told[key] ?? 0
            next[key] = attempt.count
            guard attempt.count != before else { continue }
            if attempt.count > before { attempt.count -= before }
            news.append(attempt)
        }
        told = next
        return news
    }
}
