import Glibc

/// Why sockets that send below the hooks cannot be refused on this kernel.
public enum SocketGuardObstacle: Error, Hashable, Sendable {
    /// The kernel does not know BPF_LSM_CGROUP.
    case tooOld(release: String)
    /// CONFIG_DEBUG_INFO_BTF
    case noTypes
    /// CONFIG_BPF_LSM
    case notBuiltIn
    /// Not in `lsm=`: programs can be attached, and nobody asks them.
    case notActive
    case refused(KernelError)

    /// /sys/kernel/btf/vmlinux, where libbpf reads the hook's type.
    private static let types = "/sys/kernel/btf/vmlinux"
    /// Linux 6.0 brought BPF_LSM_CGROUP.
    private static let firstVersion = KernelFacts.Version(6, 0)

    /// - Parameter error: with libbpf's words as its context.
    init(loading error: KernelError) {
        let facts = try? KernelFacts.read()
        if !Files.exists(Self.types) {
            self = .noTypes
        } else if error.code == ESRCH {
            // No function of the hook's name among the kernel's types.
            self = .notBuiltIn
        } else if error.code == EINVAL, let facts, facts.version < Self.firstVersion {
            self = .tooOld(release: facts.release)
        } else {
            self = .refused(error)
        }
    }
}

extension SocketGuardObstacle: CustomStringConvertible {
    /// One line: what is missing, and where that can be helped.
    public var description: String {
        switch self {
        case .tooOld(let release): "kernel \(release) is too old: 6.0 or later is needed"
        case .noTypes: "the kernel has no type information (CONFIG_DEBUG_INFO_BTF)"
        case .notBuiltIn: "the kernel was built without BPF LSM (CONFIG_BPF_LSM)"
        case .notActive:
            "BPF LSM is not active: add bpf to the list in lsm= on the kernel's command line"
        case .refused(let error) where error.code == EPERM && Capabilities.missing.isEmpty:
            "the kernel refuses programs of this kind even to root (EPERM)"
        case .refused(let error): String("\(error)".split(separator: "\n").first ?? "")
        }
    }
}
