import CLibbpf
import Glibc
import LinuxBase
import VerdictTables

/// Whether what is sent below a cgroup has been seen to be judged.
public enum Evidence: Hashable, Sendable {
    /// The egress program refused a canary that was sent below the cgroup.
    case proven(level: Int)
    /// Why there is none.
    case none(String)
}

extension DatapathObject {
    private var canary: Canary { get throws(KernelError) { Canary(map: try handle(.canary)) } }

    /// Has the egress program refuse a canary below a cgroup that it is attached to.
    ///
    /// This process sends it if it is there itself, as the agent's pod is in a cluster; else a child of
    /// this process does, from a cgroup that is made for it.
    public func prove(_ path: String) throws(KernelError) -> Evidence {
        let (id, canary) = (try CgroupTree.id(ofPath: path), try canary)
        if let evidence = Self.evidence(try canary.send(), of: id) { return evidence }
        let outcome = try canary.send(below: path)
        if let evidence = Self.evidence(outcome, of: id) { return evidence }
        switch outcome {
        case .noted, .unheard: return .none("a datagram that the programs must refuse was sent below it and passed")
        case .unsent(let code):
            return .none(
                "no datagram could be sent from below it to see whether the programs refuse it: \(String(cString: strerror(code)))"
            )
        }
    }

    private static func evidence(_ outcome: Canary.Outcome, of cgroup: CgroupID) -> Evidence? {
        guard case .noted(let ancestry, refused: true) = outcome else { return nil }
        return ancestry.level(of: cgroup).map { .proven(level: $0) }
    }

    /// How deep below the kernel's own root of all cgroups the root lies that this process sees: another
    /// one in a cgroup namespace, below a bind mount, or where a part of the tree is configured.
    ///
    /// - Returns: nil if the kernel cannot be asked.
    public func depth(of tree: CgroupTree) throws(KernelError) -> Int? {
        if let depth = try tree.visibleDepth() { return depth }
        let (id, canary) = (try CgroupTree.id(ofPath: tree.root), try canary)
        let root = try Descriptor(path: tree.root, flags: O_RDONLY | O_DIRECTORY)
        let name = "sluice_depth"
        let program = bpf_program__fd(bpf_object__find_program_by_name(raw, name))
        let link = bpf_link_create(program, root.raw, BPF_CGROUP_INET_EGRESS, nil)
        // Kept out by another program: see OtherPrograms. What is attached later tells by itself.
        guard link >= 0 else { return nil }
        // Not pinned: it ends here.
        defer { close(link) }
        if let level = Self.level(of: id, try canary.send()) { return level }
        return Self.level(of: id, try canary.send(below: tree.root))
    }

    private static func level(of cgroup: CgroupID, _ outcome: Canary.Outcome) -> Int? {
        guard case .noted(let ancestry, _) = outcome else { return nil }
        return ancestry.level(of: cgroup)
    }
}
