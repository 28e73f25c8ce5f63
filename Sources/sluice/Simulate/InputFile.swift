import Glibc
import SystemPackage

/// A file that the user names.
enum InputFile {
    /// - Parameter path: a path, or `-` for standard input.
    /// - Throws: `Failure` naming the file.
    static func read(_ path: String) throws -> [UInt8] {
        do {
            if path == "-" { return try readAll(.standardInput) }
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter { try readAll(file) }
        } catch let error as Errno {
            throw Failure.badInput("\(path): \(error)")
        }
    }

    private static func readAll(_ file: FileDescriptor) throws -> [UInt8] {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
    }
}
