import Glibc
public import SystemPackage

/// Ends another thread's wait; closes itself. C: `pipe2(2)`.
public struct WakeUp: ~Copyable, Sendable {
    private let readEnd: FileDescriptor
    private let writeEnd: FileDescriptor

    public init() throws(Errno) {
        (readEnd, writeEnd) = try FileDescriptor.pipe(options: [.closeOnExec, .nonBlocking])
    }

    deinit {
        try? readEnd.close()
        try? writeEnd.close()
    }

    /// From now on no wait on it waits: what is written is never read.
    public func signal() {
        var byte: UInt8 = 1
        _ = write(writeEnd.rawValue, &byte, 1)
    }

    /// For `poll(2)`; readable once signalled.
    public var rawDescriptor: Int32 { readEnd.rawValue }
}
