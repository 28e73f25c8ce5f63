import CLibbpfShim
import Glibc
import LinuxBase

/// One agent per node: a lock on a file, which ends with the process however
/// that ends.
public struct AgentLock: ~Copyable, Sendable {
    public static let defaultPath = "/run/sluice/agent.lock"

    /// Who has it.
    public struct Holder: Hashable, Sendable {
        public var process: Int32
        /// In seconds since 1970.
        public var since: Int
        /// The pid namespace in which `process` is its number; nil where it did not say.
        public var namespace: UInt64?

        /// Whether `process` is another process here, or none: the agent is in a container and whoever
        /// asks is not, or the other way round.
        public var isElsewhere: Bool {
            guard let namespace, let own = PIDNamespace.own else { return false }
            return namespace != own
        }

        /// As messages name it.
        public var text: String {
            isElsewhere ? "process \(process) of another pid namespace (a container's, perhaps)" : "process \(process)"
        }
    }

    private let file: Descriptor
    /// When it was taken, in seconds since 1970.
    public let since: Int

    /// Takes the lock and writes down who has it.
    ///
    /// - Throws: operation `.lock` with EWOULDBLOCK if another process has it;
    ///   the context names it.
    public init(path: String = AgentLock.defaultPath) throws(KernelError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try Files.makeDirectories(String(path[..<slash]))
        }
        let file = try Descriptor(path: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        var result = sluice_lock(file.raw)
        // Whoever asks for the holder has the lock for an instant.
        for _ in 0..<20 where result == -EWOULDBLOCK {
            usleep(5_000)
            result = sluice_lock(file.raw)
        }
        guard result == 0 else {
            throw KernelError(.lock, path, code: result, context: [Self.holderText(path)])
        }
        let since = time(nil)
        let text = "\(getpid()) \(since)\(PIDNamespace.own.map { " \($0)" } ?? "")\n"
        try KernelError.checkErrno(ftruncate(file.raw, 0), .write, path)
        let bytes = Array(text.utf8)
        try KernelError.checkErrno(
            Int32(truncatingIfNeeded: pwrite(file.raw, bytes, bytes.count, 0)), .write, path)
        self.file = file
        self.since = since
    }

    /// Who wrote the file last; whether the lock is held, only the kernel knows.
    public static func holder(path: String = AgentLock.defaultPath) -> Holder? {
        let fields = Files.text(path)?.split(whereSeparator: \.isWhitespace) ?? []
        guard (2...3).contains(fields.count), let process = Int32(fields[0]), let since = Int(fields[1]) else {
            return nil
        }
        return Holder(process: process, since: since, namespace: fields.count == 3 ? UInt64(fields[2]) : nil)
    }

    /// Who holds the lock now; nil if nobody does.
    public static func runningHolder(path: String = AgentLock.defaultPath) -> Holder? {
        guard let file = try? Descriptor(path: path, flags: O_RDONLY), sluice_lock(file.raw) != 0 else {
            return nil
        }
        return holder(path: path)
    }

    private static func holderText(_ path: String) -> String {
        guard let holder = holder(path: path) else {
            return "held by a process that did not say who"
        }
        if holder.isElsewhere { return "held by \(holder.text)" }
        let command = Files.text("/proc/\(holder.process)/cmdline")?
            .split(separator: "\0").joined(separator: " ")
        return "held by \(holder.text)" + (command.map { " (\($0))" } ?? "")
    }
}

/// What numbers of processes belong to. C: `pid_namespaces(7)`.
enum PIDNamespace {
    /// The number of this process's own: the inode that `/proc/self/ns/pid` leads to.
    static let own: UInt64? = {
        var status = stat()
        return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : nil
    }()
}
