import Glibc

/// One look at the whole tree of cgroups: the trees and pods in it.
package struct CgroupWalk: Sendable {
    package private(set) var paths: Set<String> = []
    /// Whether every directory could be read.
    package private(set) var isComplete = true

    /// - Parameter root: where cgroup v2 is mounted.
    package init(root: String, layout: CgroupLayout) {
        visit("", root, layout)
    }

    private mutating func visit(_ path: String, _ root: String, _ layout: CgroupLayout) {
        guard let directory = opendir(path.isEmpty ? root : "\(root)/\(path)") else {
            // A cgroup may go while the tree is walked.
            if path.isEmpty || errno != ENOENT { isComplete = false }
            return
        }
        var names: [String] = []
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        closedir(directory)
        for name in names {
            let child = path.isEmpty ? name : "\(path)/\(name)"
            switch layout.place(of: child) {
            case .tree, .pod: paths.insert(child)
            case .elsewhere, .between, .insidePod: break
            }
            if layout.isSearched(child) { visit(child, root, layout) }
        }
    }
}
