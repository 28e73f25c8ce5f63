/// An index of the pods' cgroups that are known to be there, by path. A value
/// without I/O: it is told what appears and disappears.
package struct PodCgroups: Hashable, Sendable {
    let layout: CgroupLayout
    /// Every tree and every pod's cgroup, below the root.
    package private(set) var paths: Set<String> = []
    /// Nearest to the root first: of two that hold one uid, a tree inside a
    /// container is not to be believed.
    private var byUID: [String: [Candidate]] = [:]

    package init(layout: CgroupLayout) { self.layout = layout }

    /// The cgroups of all pods, nearest to the root first.
    package var trees: [String] {
        treeCandidates.map(\.path)
    }

    /// Where a uid's cgroup is, the place that counts most first.
    package func candidates(_ uid: String) -> [String] { byUID[uid, default: []].map(\.path) }

    /// - Returns: the names that may now lead elsewhere, none if it was known.
    ///   One that appears where one was known to be is another.
    package mutating func appeared(_ path: String) -> [CgroupName] {
        switch layout.place(of: path) {
        case .tree:
            if paths.insert(path).inserted { insert(path, into: &treeCandidates) }
        case .pod(let uid):
            if paths.insert(path).inserted { insert(path, into: &byUID[uid, default: []]) }
            return [.path(path), .uid(uid)]
        case .elsewhere, .between, .insidePod: break
        }
        return [.path(path)]
    }

    /// - Returns: the names that may now lead elsewhere.
    package mutating func disappeared(_ path: String) -> [CgroupName] {
        guard paths.remove(path) != nil else { return [.path(path)] }
        guard case .pod(let uid) = layout.place(of: path) else {
            treeCandidates.removeAll { $0.path == path }
            return [.path(path)]
        }
        byUID[uid]?.removeAll { $0.path == path }
        if byUID[uid]?.isEmpty == true { byUID[uid] = nil }
        return [.path(path), .uid(uid)]
    }

    private var treeCandidates: [Candidate] = []

    private func insert(_ path: String, into candidates: inout [Candidate]) {
        let new = Candidate(depth: layout.treeDepth(of: path) ?? 0, path: path)
        candidates.insert(new, at: candidates.firstIndex { new < $0 } ?? candidates.endIndex)
    }

    private struct Candidate: Hashable, Comparable, Sendable {
        /// Of the tree.
        var depth: Int
        var path: String

        static func < (left: Self, right: Self) -> Bool {
            (left.depth, left.path) < (right.depth, right.path)
        }
    }
}
