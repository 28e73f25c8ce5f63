import Glibc
import SystemPackage

/// A directory of its own for a test, removed at the end.
final class TemporaryDirectory: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/sluice-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    deinit { Self.remove(path) }

    func write(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open(
            path.appending(name), .writeOnly, options: [.create, .truncate],
            permissions: [.ownerReadWrite])
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }

    func makeDirectory(_ name: String) { mkdir(path.appending(name).string, 0o700) }

    func move(_ from: String, to: String) {
        rename(path.appending(from).string, path.appending(to).string)
    }

    func link(_ name: String, to target: String) { symlink(target, path.appending(name).string) }

    func remove(_ name: String) { Self.remove(path.appending(name)) }

    func exists(_ name: String) -> Bool { access(path.appending(name).string, F_OK) == 0 }

    private static func remove(_ path: FilePath) {
        if let directory = opendir(path.string) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name == "." || name == ".." { continue }
                if Int(entry.pointee.d_type) == Int(DT_DIR) {
                    remove(path.appending(name))
                } else {
                    unlink(path.appending(name).string)
                }
            }
            closedir(directory)
        }
        unlink(path.string)
        rmdir(path.string)
    }
}
