import CLibbpfShim
import Glibc
import LinuxBase
import SystemPackage

/// LinuxBase's file operations, with errors that name the path.
enum Files {
    /// The whole file as text; nil if it cannot be read. Files under /proc have no size.
    static func text(_ path: String) -> String? {
        guard let file = try? Descriptor(opening: FilePath(path), flags: O_RDONLY) else { return nil }
        return text(file)
    }

    static func text(_ file: borrowing Descriptor) -> String? {
        (try? FileSystem.readToEnd(FileDescriptor(rawValue: file.raw))).map { String(decoding: $0, as: UTF8.self) }
    }

    static func exists(_ path: String) -> Bool { FileSystem.exists(FilePath(path)) }

    /// A directory's entries by name; none if there is no such directory.
    static func list(_ path: String) throws(KernelError) -> [FileSystem.Entry] {
        do {
            return try FileSystem.entries(of: FilePath(path), repairing: true)
        } catch {
            if error == .noSuchFileOrDirectory { return [] }
            throw KernelError(.read, path, code: error.rawValue)
        }
    }

    /// Makes a directory and those above it, each for its owner alone.
    static func makeDirectories(_ path: String) throws(KernelError) {
        try naming(.create, path, FileSystem.makeDirectories)
    }

    /// - Returns: whether it was there.
    @discardableResult
    static func remove(_ path: String) throws(KernelError) -> Bool {
        try removing(path, FileSystem.remove)
    }

    /// - Returns: whether it was there.
    @discardableResult
    static func removeDirectory(_ path: String) throws(KernelError) -> Bool {
        try removing(path, FileSystem.removeDirectory)
    }

    static func inode(_ path: String) throws(KernelError) -> UInt64 {
        try naming(.query, path) { path throws(Errno) in UInt64(try path.stat().rawValue.st_ino) }
    }

    /// The file system's magic number: statfs(2).
    static func fileSystemType(_ path: String) throws(KernelError) -> Int {
        let type = sluice_file_system_type(path)
        try KernelError.check(Int32(clamping: type), .query, path)
        return type
    }

    private static func removing(
        _ path: String, _ remove: (FilePath) throws(Errno) -> Void
    ) throws(KernelError) -> Bool {
        do {
            try remove(FilePath(path))
            return true
        } catch {
            if error == .noSuchFileOrDirectory { return false }
            throw KernelError(.unpin, path, code: error.rawValue)
        }
    }

    private static func naming<Result>(
        _ operation: KernelError.Operation, _ path: String, _ body: (FilePath) throws(Errno) -> Result
    ) throws(KernelError) -> Result {
        do {
            return try body(FilePath(path))
        } catch {
            throw KernelError(operation, path, code: error.rawValue)
        }
    }
}

extension Descriptor {
    /// Opens a path, close-on-exec. C: `open(2)`.
    init(path: String, flags: Int32, mode: UInt32 = 0) throws(KernelError) {
        do {
            try self.init(opening: FilePath(path), flags: flags, mode: mode)
        } catch {
            throw KernelError(.open, path, code: error.rawValue)
        }
    }
}
