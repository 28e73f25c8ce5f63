public import Glibc
public import SystemPackage

/// A file descriptor that closes itself.
public struct Descriptor: ~Copyable, Sendable {
    public let raw: Int32

    public init(owning raw: Int32) { self.raw = raw }

    /// Opens a path, close-on-exec. C: `open(2)`.
    ///
    /// - Parameter flags: C: the `O_*` constants.
    public init(opening path: FilePath, flags: Int32, mode: mode_t = 0) throws(Errno) {
        raw = try retryingInterrupts { path.withPlatformString { open($0, flags | O_CLOEXEC, mode) } }
    }

    deinit { close(raw) }
}
