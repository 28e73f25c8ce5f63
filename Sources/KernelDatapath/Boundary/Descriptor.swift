import CLibbpfShim
import Glibc

/// A file descriptor that closes itself.
package struct Descriptor: ~Copyable, Sendable {
    package let raw: Int32

    package init(owning raw: Int32) { self.raw = raw }

    /// Opens a path, close-on-exec: open(2).
    package init(path: String, flags: Int32, mode: UInt32 = 0) throws(KernelError) {
        let raw = sluice_open(path, flags | O_CLOEXEC, mode)
        try KernelError.check(raw, .open, path)
        self.raw = raw
    }

    deinit { close(raw) }
}
