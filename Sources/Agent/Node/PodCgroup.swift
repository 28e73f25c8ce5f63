package import VerdictTables

/// A cgroup that is there.
package struct PodCgroup: Hashable, Sendable {
    package var id: CgroupID
    /// Below the cgroup root, without a leading slash.
    package var path: String
    /// Its depth below the kernel's own root, which may lie above the one that the agent sees.
    package var level: UInt8
    /// The path of the tree of pods that it lies in; nil if it lies in none.
    package var tree: String?

    package init(id: CgroupID, path: String, level: UInt8, tree: String? = nil) {
        self.id = id
        self.path = path
        self.level = level
        self.tree = tree
    }
}
