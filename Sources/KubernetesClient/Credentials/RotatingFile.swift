import LinuxBase
import SystemPackage

/// A file that is replaced now and then, and what was read of it last.
///
/// Reading waits in the kernel: not for a cooperative thread.
struct RotatingFile: Sendable {
    /// Longer files are none of the kind that is read here.
    static let limit = 1 << 20
    /// After this the file is read though it looks the same.
    static let longestTrust = Duration.seconds(60)
    /// How long its last contents serve while it cannot be read: a rotation takes
    /// an instant, so whoever is away for longer has been removed.
    static let longestAbsence = Duration.seconds(180)

    let path: String
    private var bytes: [UInt8]?
    private var stamp: FileStamp?
    private var readAt = ContinuousClock.now
    private var absentSince: ContinuousClock.Instant?

    init(_ path: String) {
        self.path = path
    }

    /// The bytes; those read before if the file looks the same and `isForced`
    /// is false, or if it is not there for a while.
    mutating func contents(isForced: Bool, at now: ContinuousClock.Instant = .now) throws(Errno) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            let status = try file.stat()
            guard status.type == .regular else { throw Errno.invalidArgument }
            let stamp = FileStamp(status)
            absentSince = nil
            if let bytes, stamp == self.stamp, !isForced, now - readAt < Self.longestTrust { return bytes }
            let bytes = try Self.read(file)
            (self.bytes, self.stamp, readAt) = (bytes, stamp, now)
            return bytes
        } catch {
            let since = absentSince ?? now
            absentSince = since
            guard let bytes, now - since < Self.longestAbsence else { throw error as? Errno ?? .ioError }
            return bytes
        }
    }

    private static func read(_ file: FileDescriptor) throws(Errno) -> [UInt8] {
        let bytes = try FileSystem.readToEnd(file, limit: limit + 1)
        guard bytes.count <= limit else { throw Errno.fileTooLarge }
        return bytes
    }
}
