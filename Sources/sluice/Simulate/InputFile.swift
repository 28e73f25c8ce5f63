import LinuxBase
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

    /// Files of objects, each with its path.
    ///
    /// - Parameter paths: files, directories of manifests, or `-` for standard input.
    /// - Throws: `Failure` naming the file or directory.
    static func objects(_ paths: [String]) throws -> [(name: String, contents: [UInt8])] {
        try paths.flatMap { path in
            let files = try manifests(path)
            if files.isEmpty { throw Failure.badInput("\(path): holds no file of objects (.yaml, .yml or .json)") }
            return try files.map { ($0, try read($0)) }
        }
    }

    private static func manifests(_ path: String) throws -> [String] {
        do {
            return try path == "-" ? [path] : ManifestFiles.paths(path)
        } catch {
            throw Failure.badInput("\(path): cannot be listed: \(error)")
        }
    }
}
