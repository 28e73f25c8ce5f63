import Glibc
import PacketLab

/// A file system of half a megabyte.
final class SmallDisk {
    private let path: String

    private static let bytes = 512 << 10

    init(at path: String) throws {
        self.path = path
        let (status, output) = try Command.run(
            "mount", ["-t", "tmpfs", "-o", "size=\(Self.bytes),mode=700", "sluice-test", path])
        guard status == 0 else { throw LabError("mount of a small disk", output) }
    }

    /// Leaves no room, as a log that grows does.
    func fill() throws {
        let file = open("\(path)/filling", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw LabError("open of \(path)/filling") }
        defer { Glibc.close(file) }
        let chunk = [UInt8](repeating: 0, count: 4096)
        while write(file, chunk, chunk.count) > 0 {}
    }

    func empty() { unlink("\(path)/filling") }

    func close() { umount2(path, Int32(MNT_DETACH)) }
}
