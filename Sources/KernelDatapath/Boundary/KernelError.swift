import CLibbpfShim
import Glibc

/// What the kernel, or libbpf on its behalf, refused.
public struct KernelError: Error, Hashable, Sendable {
    public enum Operation: String, Hashable, Sendable {
        case open, load, pin, unpin, attach, update, detach, query, read, write, remove, create
        case mount, lock, check, reuse, poll
    }

    public var operation: Operation
    /// What it was done to: `map pods`, `program sluice_egress`, a path.
    public var object: String
    /// The errno, positive.
    public var code: Int32
    /// What else is known, for instance the last lines of the verifier's log.
    public var context: [String]

    public init(_ operation: Operation, _ object: String, code: Int32, context: [String] = []) {
        self.operation = operation
        self.object = object
        self.code = code < 0 ? 0 &- code : code
        self.context = context
    }

    /// The errno's symbol, for instance `ENOENT`.
    public var name: String {
        let name = String(cString: sluice_errno_name(code))
        return name.isEmpty ? "errno \(code)" : name
    }

    /// Whether a map had no room left.
    var isForWantOfRoom: Bool { operation == .write && (code == E2BIG || code == ENOSPC) }

    /// What to do about it, where that is known.
    public var advice: String? {
        switch (operation, code) {
        case (.attach, EBUSY): "another program keeps Sluice out"
        case (.lock, EWOULDBLOCK): "one agent per node: stop the other one first"
        // bpf(2): EACCES is the verifier's word for a program that it finds unsafe; rights are EPERM.
        case (.load, EACCES):
            "the kernel's verifier refuses the programs, whatever rights the agent has: report its words, and the kernel's version"
        case (_, EPERM), (_, EACCES):
            "needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
        case (.open, ENOENT): "is the agent installed here? nothing is pinned at this place"
        case (.reuse, _):
            "another build of the agent pinned it: remove it by `sluice cleanup`, then start again"
        case _ where isForWantOfRoom:
            "the old verdict stays in force; fewer policies, CIDRs or pods would fit"
        case (_, ENOMEM): "the kernel has no memory left for it"
        case (.load, EINVAL), (.load, EOPNOTSUPP):
            "the kernel refuses the programs: 5.10 or later is needed"
        case (.mount, _), (.pin, EINVAL):
            "pins need a bpffs: mount -t bpf bpf /sys/fs/bpf"
        default: nil
        }
    }
}

extension KernelError: CustomStringConvertible {
    /// One line, then the context's lines indented.
    public var description: String {
        let reason = String(cString: strerror(code))
        var text = "cannot \(operation.rawValue) \(object): \(reason) (\(name))"
        if let advice { text += "; \(advice)" }
        for line in context { text += "\n  \(line)" }
        return text
    }
}

extension KernelError {
    /// Throws if libbpf's return value is a negative errno.
    static func check(
        _ result: Int32, _ operation: Operation, _ object: @autoclosure () -> String
    ) throws(KernelError) {
        if result < 0 { throw KernelError(operation, object(), code: result) }
    }

    /// Throws if a C function returned -1 and left its reason in errno.
    static func checkErrno(
        _ result: Int32, _ operation: Operation, _ object: @autoclosure () -> String
    ) throws(KernelError) {
        if result < 0 {
            let code = errno
            throw KernelError(operation, object(), code: code)
        }
    }
}
