package import VerdictTables

/// A cgroup that is there.
package struct PodCgroup: Hashable, Sendable {
    package var id: CgroupID
    /// Below the cgroup root, without a leading slash.
    package var path: String
    /// Its depth below the root.
    package var level: UInt8

    package init(id: CgroupID, path: String, level: UInt8) {
        self.id = id
        self.path = path
        self.level = level
    }
}
