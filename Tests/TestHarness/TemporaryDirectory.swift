import Glibc

/// A directory of its own for a test, removed at the end.
public final class TemporaryDirectory: Sendable {
    public let root: String

    public init() throws {
        var template = Array("/tmp/sluice-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Unexpected("no directory can be made below /tmp") }
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(root) }

    public func path(_ name: String) -> String { "\(root)/\(name)" }

    public func makeDirectory(_ name: String) throws {
        var made = root
        for part in name.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw Unexpected("\(made) cannot be made") }
        }
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// Writes a file in place, as a shell's `>` does.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        guard let file = fopen(path(name), "we") else { throw Unexpected("\(path(name)) cannot be written") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw Unexpected("\(path(name)) cannot be written")
        }
        return path(name)
    }

    public func read(_ name: String) -> String { Self.text(path(name)) }

    public func remove(_ name: String) { Self.remove(path(name)) }

    public func move(_ name: String, to other: String) throws {
        guard rename(path(name), path(other)) == 0 else { throw Unexpected("\(name) cannot be moved") }
    }

    public static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { all += chunk[..<count] }
        return all
    }

    public static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    /// The names in a directory, sorted; none if there is no such directory.
    public static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in names(path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
