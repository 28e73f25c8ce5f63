import AgentAPI
import Glibc
import LinuxBase
import SystemPackage

/// A directory of the agent's own. It and all that is in it are root's alone, also where others have made it
/// (kubelet makes a hostPath of type DirectoryOrCreate for everybody to read) or an earlier agent left its files open.
struct PrivateDirectory {
    let path: String

    /// How the names of what the agent keeps begin.
    private static let names = [
        "agent.lock", "agent.sock", "audit.log", "flows.jsonl", "health.sock", "last-good", "last-words",
        "past-traffic.json", "policies.json", "run.json", "state.json",
    ]

    init(_ path: String) { self.path = path }

    /// Corrects the modes, and removes what an agent that was killed had half written.
    ///
    /// - Returns: why the directory is open to others all the same; nil if it is private.
    func secure() -> String? {
        do throws(Errno) {
            let entries = try FileSystem.entries(of: FilePath(path))
            for entry in entries where Self.isDraft(entry.name) {
                try? FileSystem.remove(FilePath(path).appending(entry.name))
            }
            for entry in entries where Self.isOwn(entry.name) { Self.close(FilePath(path).appending(entry.name)) }
            if let other = entries.first(where: { !Self.isOwn($0.name) && !Self.isDraft($0.name) }) {
                return try isOpen()
                    ? "\(path) is open to others and stays so, as \(other.name) in it is not the "
                        + "agent's: give the agent a directory of its own" : nil
            }
            try Self.restrict(FilePath(path))
            return nil
        } catch {
            return "\(path) cannot be made private: \(error)"
        }
    }

    private static func isOwn(_ name: String) -> Bool { names.contains { name.hasPrefix($0) } }

    private static func isDraft(_ name: String) -> Bool {
        name.hasPrefix(".") && name.hasSuffix(FileSystem.draftSuffix)
    }

    private func isOpen() throws(Errno) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Errno(rawValue: errno) }
        return status.st_mode & 0o077 != 0
    }

    /// A file, or a directory with all that is in it. What fails is the next start's to try.
    private static func close(_ path: FilePath) {
        try? restrict(path)
        for entry in (try? FileSystem.entries(of: path)) ?? [] { close(path.appending(entry.name)) }
    }

    /// Leaves files and directories to their owner; what is neither stays. Never follows a link.
    private static func restrict(_ path: FilePath) throws(Errno) {
        let file = path.withPlatformString { open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        guard file >= 0 else { throw Errno(rawValue: errno) }
        defer { _ = Glibc.close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Errno(rawValue: errno) }
        let type = status.st_mode & S_IFMT
        guard status.st_mode & 0o077 != 0, type == S_IFREG || type == S_IFDIR else { return }
        guard fchmod(file, type == S_IFDIR ? 0o700 : 0o600) == 0 else { throw Errno(rawValue: errno) }
    }
}
