import Glibc
import KernelDatapath
import PolicyCompiler
import VerdictTables

/// Finds the cgroups of pods.
struct CgroupFinder {
    /// Where cgroup v2 is mounted.
    let root: String
    /// The cgroup of all pods, below the root; nil if the configuration names none.
    let podsCgroup: String?

    /// By uid, as the last scan found them.
    private var byUID: [String: String] = [:]
    /// The cgroups of all pods, as the last scan found them, below the root.
    private(set) var podsCgroups: [String] = []

    /// Deeper than any nesting of kubelets in containers that is in use.
    private static let deepest = 12

    init(root: String, podsCgroup: String?) {
        self.root = root
        self.podsCgroup = podsCgroup
    }

    /// Walks the tree again.
    mutating func scan() {
        byUID = [:]
        podsCgroups = []
        if let podsCgroup {
            if exists(podsCgroup) { podsCgroups = [podsCgroup] }
        } else {
            find("", depth: 0)
        }
        for path in podsCgroups { collect(path, depth: 0) }
    }

    /// The cgroup that a pod is in, if it is there.
    func locate(_ subject: Subject) -> PodCgroup? {
        let path = subject.cgroupPath ?? byUID[subject.uid]
        guard let path else { return nil }
        return cgroup(path)
    }

    /// The cgroup at a path below the root, if it is there.
    func cgroup(_ path: String) -> PodCgroup? {
        let tree = CgroupTree(root: root)
        let full = "\(root)/\(path)"
        guard let id = try? CgroupTree.id(ofPath: full), let level = tree.level(ofPath: full),
            let level = UInt8(exactly: level)
        else { return nil }
        return PodCgroup(id: id, path: path, level: level)
    }

    /// Looks for directories that kubelet names kubepods: `kubepods` (cgroupfs
    /// driver), `kubepods.slice` or `…-kubepods.slice` (systemd driver).
    private mutating func find(_ path: String, depth: Int) {
        guard depth < Self.deepest else { return }
        for name in children(path) {
            let child = path.isEmpty ? name : "\(path)/\(name)"
            if name == "kubepods" || name == "kubepods.slice" || name.hasSuffix("-kubepods.slice") {
                podsCgroups.append(child)
            } else {
                find(child, depth: depth + 1)
            }
        }
    }

    /// Notes every pod's cgroup at or below a path: `pod<uid>`, or with the
    /// systemd driver `…-pod<uid with underscores>.slice`.
    private mutating func collect(_ path: String, depth: Int) {
        guard depth < Self.deepest else { return }
        for name in children(path) {
            let child = "\(path)/\(name)"
            if let uid = Self.uid(of: name) { byUID[uid] = child }
            collect(child, depth: depth + 1)
        }
    }

    static func uid(of name: String) -> String? {
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

    private func children(_ path: String) -> [String] {
        guard let directory = opendir(path.isEmpty ? root : "\(root)/\(path)") else { return [] }
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

    private func exists(_ path: String) -> Bool { cgroup(path) != nil }
}
