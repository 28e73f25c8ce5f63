import Glibc
public import SystemPackage

/// The few file operations that swift-system has no call for.
public enum FileSystem {
    /// Whether something is at the path. C: `access(2)`.
    public static func exists(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, F_OK) } == 0
    }

    /// All bytes from a descriptor's place on, also of a pipe, and of files under /proc, which have no
    /// size. Waits for them. C: `read(2)`.
    ///
    /// - Parameter limit: after how many bytes the reading stops.
    public static func readToEnd(_ file: FileDescriptor, limit: Int = .max) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(1 << 16, limit))
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let count = try retryingInterrupts { Glibc.read(file.rawValue, &chunk, wanted) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The bytes of a regular file, nil if it holds more than `limit`. Never
    /// waits, so that a FIFO in the directory cannot stop the agent.
    public static func read(_ path: FilePath, limit: Int) throws -> [UInt8]? {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            let status = try file.stat()
            guard status.type == .regular else { throw Errno.invalidArgument }
            guard Int(status.size) <= limit else { return nil }
            let bytes = try readToEnd(file, limit: limit + 1)
            return bytes.count <= limit ? bytes : nil
        }
    }

    /// C: `unlink(2)`.
    public static func remove(_ path: FilePath) throws(Errno) {
        guard path.withPlatformString({ unlink($0) }) == 0 else { throw Errno(rawValue: errno) }
    }
}
