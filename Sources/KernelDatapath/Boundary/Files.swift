import CLibbpfShim
import Glibc

/// The few file operations that pins, cgroups and /proc need.
enum Files {
    /// The whole file as text; nil if it cannot be read. Files under /proc have no size.
    static func text(_ path: String) -> String? {
        guard let file = try? Descriptor(path: path, flags: O_RDONLY) else { return nil }
        return text(file)
    }

    static func text(_ file: borrowing Descriptor) -> String? {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let got = read(file.raw, &chunk, chunk.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { return nil }
            if got == 0 { return String(decoding: all, as: UTF8.self) }
            all += chunk[..<got]
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// An entry of a directory, with its inode number.
    struct Entry {
        var name: String
        var inode: UInt64
        var isDirectory: Bool
    }

    /// A directory's entries by name; none if there is no such directory.
    static func list(_ path: String) throws(KernelError) -> [Entry] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw KernelError(.read, path, code: errno)
        }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != "." && name != ".." else { continue }
            entries.append(
                Entry(
                    name: name, inode: UInt64(entry.pointee.d_ino),
                    isDirectory: Int32(entry.pointee.d_type) == Int32(DT_DIR)))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// Makes a directory and those above it, each for its owner alone.
    static func makeDirectories(_ path: String) throws(KernelError) {
        if exists(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
        }
        if mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw KernelError(.create, path, code: errno)
        }
    }

    /// - Returns: whether it was there.
    @discardableResult
    static func remove(_ path: String) throws(KernelError) -> Bool {
        if unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw KernelError(.unpin, path, code: errno)
    }

    /// - Returns: whether it was there.
    @discardableResult
    static func removeDirectory(_ path: String) throws(KernelError) -> Bool {
        if rmdir(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw KernelError(.unpin, path, code: errno)
    }

    static func inode(_ path: String) throws(KernelError) -> UInt64 {
        var status = stat()
        try KernelError.checkErrno(stat(path, &status), .query, path)
        return UInt64(status.st_ino)
    }

    /// The file system's magic number: statfs(2).
    static func fileSystemType(_ path: String) throws(KernelError) -> Int {
        let type = sluice_file_system_type(path)
        try KernelError.check(Int32(clamping: type), .query, path)
        return type
    }
}
