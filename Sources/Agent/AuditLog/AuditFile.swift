import Glibc
import Synchronization
import SystemPackage

/// The file behind the audit log: `audit.log`, and `audit.log.1` and so on for
/// what came before, the highest number the oldest.
package final class AuditFile: Sendable {
    private struct Open {
        var descriptor: FileDescriptor
        /// The file's number, by which one that was moved away is told.
        var inode: UInt64
        var size: Int
    }

    /// `-` is standard output.
    package let path: String
    private let maxBytes: Int
    private let older: Int
    private let open = Mutex<Open?>(nil)

    /// - Parameters:
    ///   - maxBytes: of one file; a write that would pass it begins another.
    ///   - older: how many files are kept beside the current one.
    package init(path: String, maxBytes: Int, older: Int) {
        self.path = path
        self.maxBytes = maxBytes
        self.older = older
    }

    deinit {
        open.withLock { open in
            if let open { try? open.descriptor.close() }
        }
    }

    /// Appends whole lines.
    /// - Throws: `Errno`; then nothing of the lines counts as written.
    package func write(_ lines: [UInt8]) throws {
        guard path != "-" else { return _ = try FileDescriptor.standardOutput.writeAll(lines) }
        try open.withLock { open in
            if let known = open, inode() != known.inode {
                try? known.descriptor.close()
                open = nil
            }
            if let full = open, full.size > 0, full.size + lines.count > maxBytes {
                try? full.descriptor.close()
                open = nil
                try rotate()
            }
            var file = try open ?? openFile()
            do {
                file.size += try file.descriptor.writeAll(lines)
                open = file
            } catch {
                // Half a line must not stay before the next one.
                _ = ftruncate(file.descriptor.rawValue, off_t(file.size))
                open = file
                throw error
            }
        }
    }

    private func openFile() throws -> Open {
        let descriptor = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead])
        return Open(
            descriptor: descriptor, inode: inode() ?? 0, size: Int(try descriptor.seek(offset: 0, from: .end)))
    }

    private func inode() -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private func rotate() throws {
        guard older > 0 else {
            if unlink(path) != 0 && errno != ENOENT { throw Errno(rawValue: errno) }
            return
        }
        for number in (1...older).reversed() {
            let from = number == 1 ? path : "\(path).\(number - 1)"
            if rename(from, "\(path).\(number)") != 0 && errno != ENOENT { throw Errno(rawValue: errno) }
        }
    }
}
