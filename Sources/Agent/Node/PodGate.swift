import PolicyCompiler
import VerdictTables

/// Keeps pods unknown to the kernel while something that may narrow their policy is not
/// known: under the startup posture `hold` their new flows then wait. A value without I/O.
struct PodGate: Hashable, Sendable {
    /// Cgroups whose pods were let in before it closed; nil while it is open.
    private var inside: Set<CgroupID>?
    /// Cgroups whose pods are known and not let in.
    private(set) var waiting: Set<CgroupID> = []

    mutating func close(inside: Set<CgroupID>) {
        guard self.inside == nil else { return }
        self.inside = inside
    }

    /// - Returns: who waited.
    mutating func open() -> Set<CgroupID> {
        inside = nil
        defer { waiting = [] }
        return waiting
    }

    /// - Parameter subject: the pod in the cgroup; nil if there is none. One of the host's
    ///   network is let in always, as no policy is about it.
    mutating func admits(_ subject: LocalPod?, in cgroup: CgroupID) -> Bool {
        guard let inside, let subject, !subject.hostNetwork, !inside.contains(cgroup) else {
            waiting.remove(cgroup)
            return true
        }
        waiting.insert(cgroup)
        return false
    }
}
