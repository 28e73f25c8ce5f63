import Glibc
public import SystemPackage

/// An inotify instance; closes itself. C: `inotify(7)`.
///
/// Other processes' instances count against the same per-user limit
/// (`fs.inotify.max_user_instances`), so expect `init` to fail with
/// `tooManyOpenFiles` on busy nodes.
public struct Inotify: ~Copyable {
    /// What happened, or what to look for. C: the `IN_*` constants.
    public struct Events: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Written to. C: `IN_MODIFY`.
        public static let modified = Events(rawValue: 0x2)
        /// Metadata changed. C: `IN_ATTRIB`.
        public static let attributes = Events(rawValue: 0x4)
        /// Closed after it was open for writing. C: `IN_CLOSE_WRITE`.
        public static let closedAfterWriting = Events(rawValue: 0x8)
        /// C: `IN_MOVED_FROM`.
        public static let movedFrom = Events(rawValue: 0x40)
        /// C: `IN_MOVED_TO`.
        public static let movedTo = Events(rawValue: 0x80)
        /// C: `IN_CREATE`.
        public static let created = Events(rawValue: 0x100)
        /// C: `IN_DELETE`.
        public static let deleted = Events(rawValue: 0x200)
        /// The watched directory itself. C: `IN_DELETE_SELF`.
        public static let deletedSelf = Events(rawValue: 0x400)
        /// The watched directory itself. C: `IN_MOVE_SELF`.
        public static let movedSelf = Events(rawValue: 0x800)
        /// The queue was full and events are lost. C: `IN_Q_OVERFLOW`.
        public static let overflow = Events(rawValue: 0x4000)
        /// The watch is no more. C: `IN_IGNORED`.
        public static let ignored = Events(rawValue: 0x8000)
        /// Watch directories only. C: `IN_ONLYDIR`.
        public static let onlyDirectories = Events(rawValue: 0x100_0000)
        /// No events of files that were unlinked. C: `IN_EXCL_UNLINK`.
        public static let excludeUnlinked = Events(rawValue: 0x400_0000)
        /// It happened to a directory. C: `IN_ISDIR`.
        public static let isDirectory = Events(rawValue: 0x4000_0000)
    }

    public struct Event: Hashable, Sendable {
        /// Which watch; -1 with `overflow`.
        public var watch: Int32
        public var events: Events
        /// The entry of the watched directory; empty where it happened to the
        /// directory itself.
        public var name: String
    }

    private let descriptor: FileDescriptor

    /// C: `inotify_init1(2)` with `IN_NONBLOCK` and `IN_CLOEXEC`.
    public init() throws(Errno) {
        let result = inotify_init1(Int32(O_NONBLOCK) | Int32(O_CLOEXEC))
        guard result >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: result)
    }

    deinit { try? descriptor.close() }

    /// - Returns: the watch's number; a path that is watched already keeps its own.
    ///
    /// C: `inotify_add_watch(2)`.
    public func add(_ path: FilePath, _ events: Events) throws(Errno) -> Int32 {
        let result = path.withPlatformString {
            inotify_add_watch(descriptor.rawValue, $0, events.rawValue)
        }
        guard result >= 0 else { throw Errno(rawValue: errno) }
        return result
    }

    /// C: `inotify_rm_watch(2)`. A watch that is gone already is no error.
    public func remove(_ watch: Int32) {
        _ = inotify_rm_watch(descriptor.rawValue, watch)
    }

    /// Waits for events and gives those that are there.
    ///
    /// - Parameters:
    ///   - milliseconds: how long to wait; nil for ever.
    ///   - wakeUp: ends the wait when signalled.
    /// - Returns: none after the time, a signal's interruption or a wake-up.
    ///
    /// C: `poll(2)`, `read(2)`.
    public func wait(milliseconds: Int?, wakeUp: borrowing WakeUp) throws(Errno) -> [Event] {
        var polled = [
            pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp.rawDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = milliseconds.map { Int32(clamping: max($0, 0)) } ?? -1
        guard poll(&polled, 2, timeout) >= 0 else {
            if errno == EINTR { return [] }
            throw Errno(rawValue: errno)
        }
        return polled[0].revents == 0 ? [] : try read()
    }

    private func read() throws(Errno) -> [Event] {
        // Room for some hundred events; each is 16 bytes and a name of up to 256.
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = buffer.withUnsafeMutableBytes {
            Glibc.read(descriptor.rawValue, $0.baseAddress, $0.count)
        }
        guard count >= 0 else {
            if errno == EAGAIN || errno == EINTR { return [] }
            throw Errno(rawValue: errno)
        }
        return buffer.withUnsafeBytes { Self.events(in: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    private static func events(in bytes: UnsafeRawBufferPointer) -> [Event] {
        let headerSize = MemoryLayout<inotify_event>.size
        var events: [Event] = []
        var offset = 0
        while offset + headerSize <= bytes.count {
            let header = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = min(offset + headerSize + Int(header.len), bytes.count)
            let name = bytes[(offset + headerSize)..<end].prefix { $0 != 0 }
            events.append(
                Event(
                    watch: header.wd, events: Events(rawValue: header.mask),
                    name: String(decoding: name, as: UTF8.self)))
            offset = end
        }
        return events
    }
}
