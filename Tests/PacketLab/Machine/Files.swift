import Glibc
import LinuxBase
import SystemPackage

/// - Returns: nil if the file cannot be read.
func readFile(_ path: String) -> String? {
    guard let file = try? Descriptor(opening: FilePath(path), flags: O_RDONLY),
        let bytes = try? FileSystem.readToEnd(FileDescriptor(rawValue: file.raw))
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes an existing file, in one call as /proc and cgroups want it.
func writeFile(_ path: String, _ text: String) -> Bool {
    guard let file = try? Descriptor(opening: FilePath(path), flags: O_WRONLY) else { return false }
    return write(file.raw, text, text.utf8.count) == text.utf8.count
}

/// The names in a directory but for `.` and `..`; none if it cannot be read.
func listDirectory(_ path: String) -> [String] {
    ((try? FileSystem.entries(of: FilePath(path), repairing: true)) ?? []).map(\.name)
}

func isDirectory(_ path: String) -> Bool {
    (try? FilePath(path).stat(followTargetSymlink: false))?.type == .directory
}
