import Glibc
public import SystemPackage

/// Ends another thread's wait; closes itself. C: `pipe(2)`.
public struct WakeUp: ~Copyable, Sendable {
    private let readEnd: FileDescriptor
    private let writeEnd: FileDescriptor

    public init() throws(Errno) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = FileDescriptor(rawValue: ends[0])
        writeEnd = FileDescriptor(rawValue: ends[1])
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
