import Glibc
public import SystemPackage

extension FileSystem {
    /// Replaces the file at once: a reader finds the old bytes or the new. It is its owner's
    /// alone (0600). C: `fsync(2)`, `rename(2)`.
    ///
    /// - Parameter durably: whether that holds after a power cut too.
    public static func write(_ bytes: [UInt8], to path: FilePath, durably: Bool = true) throws {
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
    public static let draftSuffix = ".draft"

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
