import Glibc
public import SystemPackage

/// The few file operations that swift-system has no call for.
public enum FileSystem {
    /// The metadata of what `path` leads to. C: `stat(2)`.
    static func status(_ path: FilePath) throws(Errno) -> stat {
        var status = stat()
        let result = path.withPlatformString { stat($0, &status) }
        guard result == 0 else { throw Errno(rawValue: errno) }
        return status
    }

    static func isDirectory(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }
    static func isRegularFile(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

    /// An entry of a directory: its name, and whether it is a directory itself
    /// (a symbolic link to one is not).
    package struct Entry: Hashable {
        package var name: String
        package var isDirectory: Bool
    }

    /// What a directory holds, sorted by name, without `.` and `..`. Names that
    /// are not UTF-8 are left out. C: `opendir(3)`, `readdir(3)`.
    package static func entries(of path: FilePath) throws(Errno) -> [Entry] {
        guard let directory = path.withPlatformString({ opendir($0) }) else {
            throw Errno(rawValue: errno)
        }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return entries.sorted { $0.name < $1.name }
            }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name, name != ".", name != ".." else { continue }
            entries.append(Entry(name: name, isDirectory: isDirectory(entry.pointee.d_type, path, name)))
        }
    }

    /// Some file systems leave the type open.
    private static func isDirectory(_ type: UInt8, _ parent: FilePath, _ name: String) -> Bool {
        if Int(type) != Int(DT_UNKNOWN) { return Int(type) == Int(DT_DIR) }
        var status = stat()
        let result = parent.appending(name).withPlatformString { lstat($0, &status) }
        return result == 0 && isDirectory(status)
    }

    /// All bytes from a descriptor's place on, also of a pipe. Waits for them.
    public static func readToEnd(_ file: FileDescriptor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// The bytes of a regular file, nil if it holds more than `limit`. Never
    /// waits, so that a FIFO in the directory cannot stop the agent.
    public static func read(_ path: FilePath, limit: Int) throws -> [UInt8]? {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            var status = stat()
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            guard isRegularFile(status) else { throw Errno.invalidArgument }
            guard Int(status.st_size) <= limit else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Int(status.st_size) + 1)
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while bytes.count <= limit {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes.append(contentsOf: chunk[..<count])
            }
            return nil
        }
    }

    /// Replaces the file at once: whoever reads it finds the old bytes or the new. It is its owner's
    /// alone (0600). C: `fsync(2)`, `rename(2)`.
    ///
    /// - Parameter durably: whether that holds after a power cut too.
    package static func write(_ bytes: [UInt8], to path: FilePath, durably: Bool = true) throws {
        let directory = path.removingLastComponent()
        try makeDirectories(directory)
        // Of its own: two files of a directory may be written at a time.
        let temporary = directory.appending(".\(path.lastComponent?.string ?? "").\(getpid())\(draftSuffix)")
        let file = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow],
            permissions: .ownerReadWrite)
        do {
            try file.closeAfter {
                try file.writeAll(bytes)
                if durably { try sync(file) }
            }
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
        guard durably else { return }
        let parent = try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
        try parent.closeAfter { try sync(parent) }
    }

    /// The end of the name of what is being written.
    package static let draftSuffix = ".draft"

    /// C: `unlink(2)`.
    package static func remove(_ path: FilePath) throws(Errno) {
        guard path.withPlatformString({ unlink($0) }) == 0 else { throw Errno(rawValue: errno) }
    }

    /// C: `rmdir(2)`, `unlink(2)`. Does nothing where nothing is.
    static func removeTree(_ path: FilePath) {
        for entry in (try? entries(of: path)) ?? [] {
            let below = path.appending(entry.name)
            if entry.isDirectory { removeTree(below) } else { try? remove(below) }
        }
        _ = path.withPlatformString { rmdir($0) }
    }

    /// C: `mkdir(2)`, as often as needed.
    static func makeDirectories(_ path: FilePath) throws(Errno) {
        let result = path.withPlatformString { mkdir($0, 0o700) }
        if result == 0 || errno == EEXIST { return }
        let code = errno
        let parent = path.removingLastComponent()
        guard code == ENOENT, !parent.isEmpty, parent != path else { throw Errno(rawValue: code) }
        try makeDirectories(parent)
        guard path.withPlatformString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
            throw Errno(rawValue: errno)
        }
    }

    private static func sync(_ file: FileDescriptor) throws(Errno) {
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func rename(_ from: FilePath, to: FilePath) throws(Errno) {
        let result = from.withPlatformString { from in
            to.withPlatformString { to in Glibc.rename(from, to) }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
