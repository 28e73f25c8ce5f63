import KernelDatapath
package import LinuxBase
import SystemPackage
import VerdictTables

/// Finds the cgroups of pods: an index, kept in step by what the watcher tells
/// and now and then compared with the whole tree.
package struct CgroupFinder {
    /// Where cgroup v2 is mounted.
    let root: String
    let layout: CgroupLayout
    /// How deep the root lies below the kernel's own.
    package var rootLevel = 0 {
        didSet { if rootLevel != oldValue { lookAtTrees() } }
    }
    private var index: PodCgroups
    /// The cgroups of all pods, nearest to the root first.
    package private(set) var trees: [PodCgroup] = []

    package init(root: String, podsCgroup: String?) {
        self.root = FilePath(root).string
        layout = CgroupLayout(podsCgroup: podsCgroup)
        index = PodCgroups(layout: layout)
    }

    /// Looks at the whole tree.
    ///
    /// - Returns: false if a directory could not be read.
    @discardableResult
    package mutating func scan() -> Bool {
        apply(CgroupWalk(root: root, layout: layout))
    }

    /// Compares what is known with a look at the tree, which may be older than
    /// changes taken since: what differs is looked at again.
    ///
    /// - Returns: false if the look was not complete; what was known before then
    ///   stays, for what is not seen is not gone.
    @discardableResult
    package mutating func apply(_ walk: CgroupWalk) -> Bool {
        for path in walk.paths.subtracting(index.paths) where cgroup(path) != nil {
            _ = index.appeared(path)
        }
        guard walk.isComplete else { return false }
        for path in index.paths.subtracting(walk.paths) where cgroup(path) == nil {
            _ = index.disappeared(path)
        }
        lookAtTrees()
        return true
    }

    /// Takes what the watcher told; `unknown` is the caller's to act on.
    ///
    /// - Returns: the names whose cgroups are to be located again.
    package mutating func apply(_ changes: [TreeWatcher.Change]) -> Set<CgroupName> {
        var names: Set<CgroupName> = []
        var treesChange = false
        for change in changes {
            switch change {
            case .directoryAppeared(let full):
                guard let path = below(full) else { continue }
                names.formUnion(index.appeared(path))
                treesChange = treesChange || layout.place(of: path) == .tree
            case .directoryDisappeared(let full):
                guard let path = below(full) else { continue }
                names.formUnion(index.disappeared(path))
                treesChange = treesChange || layout.place(of: path) == .tree
            case .fileChanged, .unknown: continue
            }
        }
        if treesChange { lookAtTrees() }
        return names
    }

    /// The cgroup that a name leads to, if it is there.
    package func locate(_ name: CgroupName) -> PodCgroup? {
        switch name {
        case .path(let path): return cgroup(path)
        case .uid(let uid):
            // One look at each: a lazy sequence looks twice, and fails where the cgroup goes in between.
            for path in index.candidates(uid) {
                if let found = cgroup(path) { return found }
            }
            return nil
        }
    }

    /// The cgroup at a normalized path below the root, if it is there.
    private func cgroup(_ path: String) -> PodCgroup? {
        guard !path.isEmpty, let id = try? CgroupTree.id(ofPath: "\(root)/\(path)"),
            let level = UInt8(exactly: rootLevel + path.split(separator: "/").count)
        else { return nil }
        return PodCgroup(id: id, path: path, level: level, tree: layout.tree(of: path))
    }

    private mutating func lookAtTrees() { trees = index.trees.compactMap(cgroup) }

    private func below(_ path: FilePath) -> String? {
        let text = path.string
        guard text.hasPrefix("\(root)/") else { return nil }
        return String(text.dropFirst(root.count + 1))
    }
}
