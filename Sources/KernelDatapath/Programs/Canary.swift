import CLibbpfShim
import CSluice
import CLibbpf
import Glibc
import VerdictTables

/// Where something was sent, by the kernel's own account: its cgroups, from the kernel's root on.
struct Ancestry: Hashable, Sendable {
    let cgroups: [CgroupID]

    init(_ cgroups: [CgroupID]) { self.cgroups = cgroups }

    /// How deep below the kernel's root a cgroup lies; nil if it is none of these.
    func level(of cgroup: CgroupID) -> Int? { cgroups.firstIndex(of: cgroup) }
}

/// A datagram that the programs must refuse, whatever policy says: `count_canary` of bpf/src/canary.h.
struct Canary {
    /// What became of one.
    enum Outcome {
        /// A program knew it.
        case noted(Ancestry, refused: Bool)
        /// No program did.
        case unheard
        /// It could not be sent: an errno.
        case unsent(Int32)
    }

    /// A child of a cgroup, made for a moment: a cgroup with controllers takes no process of its own.
    private static let cgroup = "sluice-canary"

    /// The descriptor of `canary`; its owner keeps it.
    let map: Int32

    /// From this process, wherever it is.
    func send() throws(KernelError) -> Outcome { try send(procs: nil) }

    /// From below a cgroup.
    ///
    /// - Parameter path: of the cgroup's directory, which must be writable.
    func send(below path: String) throws(KernelError) -> Outcome {
        let child = "\(path)/\(Self.cgroup)"
        guard mkdir(child, 0o755) == 0 || errno == EEXIST else { return .unsent(errno) }
        defer { remove(child) }
        return try send(procs: "\(child)/cgroup.procs")
    }

    /// The kernel lets go of a cgroup's last process a little later than the process ends.
    private func remove(_ path: String) {
        for _ in 0..<50 where rmdir(path) != 0 && errno == EBUSY { usleep(1_000) }
    }

    private func send(procs: String?) throws(KernelError) -> Outcome {
        let result = sluice_send_canary(map, procs)
        var key: UInt32 = 0
        var noted = sluice_canary()
        try KernelError.check(bpf_map_lookup_elem(map, &key, &noted), .read, "map canary")
        guard noted.asked != 0, noted.answered == noted.asked else {
            return result == 0 ? .unheard : .unsent(result)
        }
        let ids = withUnsafeBytes(of: noted.ancestors) { Array($0.bindMemory(to: UInt64.self)) }
        return .noted(Ancestry(ids.prefix { $0 != 0 }.map(CgroupID.init(rawValue:))), refused: result == EPERM)
    }
}
