import Glibc
public import SystemPackage

extension FileSystem {
    /// An entry of a directory: its name, its inode number, and whether it is a
    /// directory itself (a symbolic link to one is not).
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var inode: UInt64
        public var isDirectory: Bool
    }

    /// What a directory holds, sorted by name, without `.` and `..`. C: `opendir(3)`, `readdir(3)`.
    ///
    /// - Parameter repairing: whether names that are not UTF-8 are repaired, as `String(decoding:as:)`
    ///   does it; if not, their entries are left out.
    public static func entries(of path: FilePath, repairing: Bool = false) throws(Errno) -> [Entry] {
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
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let name = bytes.prefix { $0 != 0 }
                return repairing ? String(decoding: name, as: UTF8.self) : String(validating: name, as: UTF8.self)
            }
            guard let name, name != ".", name != ".." else { continue }
            entries.append(
                Entry(
                    name: name, inode: UInt64(entry.pointee.d_ino),
                    isDirectory: isDirectory(entry.pointee.d_type, path, name)))
        }
    }

    /// Some file systems leave the type open.
    private static func isDirectory(_ type: UInt8, _ parent: FilePath, _ name: String) -> Bool {
        if Int(type) != Int(DT_UNKNOWN) { return Int(type) == Int(DT_DIR) }
        return (try? parent.appending(name).stat(followTargetSymlink: false))?.type == .directory
    }

    /// Makes a directory and those above it that are missing, each for its owner alone (0700). A
    /// directory that is there already is no error. C: `mkdir(2)`.
    public static func makeDirectories(_ path: FilePath) throws(Errno) {
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

    /// C: `rmdir(2)`.
    public static func removeDirectory(_ path: FilePath) throws(Errno) {
        guard path.withPlatformString({ rmdir($0) }) == 0 else { throw Errno(rawValue: errno) }
    }

    /// C: `rmdir(2)`, `unlink(2)`. Does nothing where nothing is.
    public static func removeTree(_ path: FilePath) {
        for entry in (try? entries(of: path)) ?? [] {
            let below = path.appending(entry.name)
            if entry.isDirectory { removeTree(below) } else { try? remove(below) }
        }
        try? removeDirectory(path)
    }
}
