import CLibbpfShim
import Glibc

/// One agent per node: a lock on a file, which ends with the process however
/// that ends.
public struct AgentLock: ~Copyable, Sendable {
    public static let defaultPath = "/run/sluice/agent.lock"

    /// Who has it.
    public struct Holder: Hashable, Sendable {
        public var process: Int32
        /// In seconds since 1970.
        public var since: Int
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
        let text = "\(getpid()) \(since)\n"
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
        guard fields.count == 2, let process = Int32(fields[0]), let since = Int(fields[1]) else {
            return nil
        }
        return Holder(process: process, since: since)
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
        let command = Files.text("/proc/\(holder.process)/cmdline")?
            .split(separator: "\0").joined(separator: " ")
        return "held by process \(holder.process)" + (command.map { " (\($0))" } ?? "")
    }
}
