import ManifestSource
import SystemPackage

/// A file that the user names.
enum InputFile {
    /// - Parameter path: a path, or `-` for standard input.
    /// - Throws: `Failure` naming the file.
    static func read(_ path: String) throws -> [UInt8] {
        do {
            if path == "-" { return try FileSystem.readToEnd(.standardInput) }
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter { try FileSystem.readToEnd(file) }
        } catch let error as Errno {
            throw Failure.badInput("\(path): \(error)")
        }
    }
}
