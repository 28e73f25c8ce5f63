import Glibc
import KernelDatapath
package import PolicyCompiler
import VerdictTables

/// Finds the cgroups of pods.
package struct CgroupFinder {
    /// Where cgroup v2 is mounted.
    let root: String
    /// The cgroup of all pods, below the root; nil if the configuration names none.
    let podsCgroup: String?

    /// By uid, as the last scan found them.
    private var byUID: [String: String] = [:]
    /// The cgroups of all pods, as the last scan found them, below the root.
    package private(set) var podsCgroups: [String] = []

    /// Deeper than any nesting of kubelets in containers that is in use.
    private static let deepest = 12

    package init(root: String, podsCgroup: String?) {
        self.root = root
        self.podsCgroup = podsCgroup.map(Self.normalized)
    }

    /// Walks the tree again.
    ///
    /// - Returns: false if a directory could not be read; what was found before
    ///   then stays, for what is not seen is not gone.
    @discardableResult
    package mutating func scan() -> Bool {
        var walk = Walk(root: root)
        if let podsCgroup {
            if cgroup(podsCgroup) != nil { walk.podsCgroups = [podsCgroup] }
        } else {
            walk.find("", depth: 0)
        }
        // Nearest to the root first: of two that hold one uid, a tree inside a
        // container is not to be believed.
        walk.podsCgroups.sort { ($0.depth, $0) < ($1.depth, $1) }
        for path in walk.podsCgroups { walk.collect(path, depth: 0) }
        guard walk.isComplete else { return false }
        byUID = walk.byUID
        podsCgroups = walk.podsCgroups
        return true
    }

    /// The cgroup that a pod is in, if it is there.
    package func locate(_ subject: Subject) -> PodCgroup? {
        (subject.cgroupPath ?? byUID[subject.uid]).flatMap(cgroup)
    }

    /// The cgroup at a path below the root, if it is there.
    package func cgroup(_ path: String) -> PodCgroup? {
        let path = Self.normalized(path)
        let full = "\(root)/\(path)"
        guard !path.isEmpty, let id = try? CgroupTree.id(ofPath: full),
            let level = UInt8(exactly: path.depth)
        else { return nil }
        return PodCgroup(id: id, path: path, level: level)
    }

    /// Without slashes at the ends, doubled ones, and dots that lead nowhere.
    private static func normalized(_ path: String) -> String {
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

    /// One look at the tree.
    private struct Walk {
        let root: String
        var byUID: [String: String] = [:]
        var podsCgroups: [String] = []
        var isComplete = true

        init(root: String) { self.root = root }

        /// Looks for directories that kubelet names kubepods: `kubepods` (cgroupfs
        /// driver), `kubepods.slice` or `…-kubepods.slice` (systemd driver).
        mutating func find(_ path: String, depth: Int) {
            guard depth < CgroupFinder.deepest else { return }
            for name in children(path) {
                let child = path.isEmpty ? name : "\(path)/\(name)"
                if name == "kubepods" || name == "kubepods.slice" || name.hasSuffix("-kubepods.slice") {
                    podsCgroups.append(child)
                } else {
                    find(child, depth: depth + 1)
                }
            }
        }

        /// Notes every pod's cgroup below a path. What is below a pod is its own
        /// affair: a container that makes cgroups could name one like a pod.
        mutating func collect(_ path: String, depth: Int) {
            guard depth < CgroupFinder.deepest else { return }
            for name in children(path) {
                let child = "\(path)/\(name)"
                if let uid = CgroupFinder.uid(of: name) {
                    if byUID[uid] == nil { byUID[uid] = child }
                } else {
                    collect(child, depth: depth + 1)
                }
            }
        }

        private mutating func children(_ path: String) -> [String] {
            guard let directory = opendir(path.isEmpty ? root : "\(root)/\(path)") else {
                // A cgroup may go while the tree is walked.
                if path.isEmpty || errno != ENOENT { isComplete = false }
                return []
            }
            defer { closedir(directory) }
            var names: [String] = []
            while let entry = readdir(directory) {
                guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { names.append(name) }
            }
            return names.sorted()
        }
    }
}

extension String {
    /// How many directories deep a normalized path leads.
    fileprivate var depth: Int { split(separator: "/").count }
}
