/// Where kubelet puts pods' cgroups, told by paths alone.
///
/// The cgroup of all pods, here a tree, is `kubepods` (cgroupfs driver),
/// `kubepods.slice` or `…-kubepods.slice` (systemd driver), at any depth: kubelet
/// may itself run in a container, as in kind. A configured path is the only tree.
/// Source: kubelet's `--cgroup-root`, `--cgroup-driver` and its package cm.
package struct CgroupLayout: Hashable, Sendable {
    /// What a cgroup is by its path.
    package enum Place: Hashable, Sendable {
        /// Outside of every tree.
        case elsewhere
        /// The cgroup of all pods.
        case tree
        /// Below a tree and above pods: a class of service.
        case between
        case pod(uid: String)
        /// A container's, or what it made itself: it could name one like a pod.
        case insidePod
    }

    /// The cgroup of all pods, below the root; nil if it is to be found.
    package let podsCgroup: String?

    /// Deeper than any nesting of kubelets in containers that is in use.
    static let deepest = 12

    package init(podsCgroup: String?) {
        self.podsCgroup = podsCgroup.map(Self.normalized)
    }

    package func place(of path: String) -> Place {
        let parts = path.split(separator: "/")
        guard let depth = treeDepth(parts) else { return .elsewhere }
        if parts.count == depth { return .tree }
        for index in parts.indices.dropFirst(depth) {
            guard let uid = Self.uid(of: String(parts[index])) else { continue }
            return index == parts.count - 1 ? .pod(uid: uid) : .insidePod
        }
        return .between
    }

    /// How deep the tree lies that a path is in; nil if it is in none.
    package func treeDepth(of path: String) -> Int? { treeDepth(path.split(separator: "/")) }

    /// The path of the tree that a path is in; nil if it is in none.
    package func tree(of path: String) -> String? {
        let parts = path.split(separator: "/")
        return treeDepth(parts).map { parts.prefix($0).joined(separator: "/") }
    }

    /// Whether a tree lies where a node's own kubelet puts it: at the root, or below the cgroup root that
    /// kind gives its kubelets. Deeper ones may be those of nodes that run in this one's containers.
    package func isUsual(_ tree: String) -> Bool {
        if podsCgroup != nil { return true }
        let above = tree.split(separator: "/").dropLast()
        return above.isEmpty || above == ["kubelet"] || above == ["kubelet.slice"]
    }

    private func treeDepth(_ parts: [Substring]) -> Int? {
        if let podsCgroup {
            let configured = podsCgroup.split(separator: "/")
            return parts.starts(with: configured) ? configured.count : nil
        }
        return parts.firstIndex(where: Self.isTree).map { $0 + 1 }
    }

    private static func isTree(_ name: Substring) -> Bool {
        name == "kubepods" || name == "kubepods.slice" || name.hasSuffix("-kubepods.slice")
    }

    /// Whether the scan looks into a cgroup.
    func isSearched(_ path: String) -> Bool {
        switch place(of: path) {
        case .pod, .insidePod: false
        case .elsewhere, .tree, .between: path.split(separator: "/").count < Self.deepest
        }
    }

    /// Whether a cgroup's entries are watched.
    ///
    /// Not those of pods, of which there are most. Not those of systemd's services
    /// and the like, of which a host has hundreds: systemd and container runtimes
    /// put containers into slices and scopes. A tree that appears in a service
    /// after all is found by the regular scan.
    package func isWatched(_ path: String) -> Bool {
        guard isSearched(path) else { return false }
        guard place(of: path) == .elsewhere else { return true }
        let parts = path.split(separator: "/")
        if let podsCgroup, podsCgroup.split(separator: "/").starts(with: parts) { return true }
        return !parts.contains { name in
            [".service", ".socket", ".mount", ".swap"].contains(where: name.hasSuffix)
        }
    }

    /// Without slashes at the ends, doubled ones, and dots that lead nowhere.
    package static func normalized(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// The uid that a cgroup's name holds: `pod<uid>`, or with the systemd driver
    /// `…-pod<uid with underscores>.slice`. A static pod's is the hash of its
    /// manifest, 32 hexadecimal digits.
    package static func uid(of name: String) -> String? {
        var name = name[...]
        if name.hasSuffix(".slice") {
            name = name.dropLast(6)
            guard let dash = name.lastIndex(of: "-") else { return nil }
            name = name[name.index(after: dash)...]
            guard name.hasPrefix("pod"), name.count > 3 else { return nil }
            return String(name.dropFirst(3).map { $0 == "_" ? "-" : $0 })
        }
        guard name.hasPrefix("pod"), name.count > 3 else { return nil }
        return String(name.dropFirst(3))
    }
}
