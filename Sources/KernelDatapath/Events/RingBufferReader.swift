import CLibbpf
import CLibbpfShim
import Glibc
import Synchronization

/// Reads a ring buffer on a thread of its own, for polling blocks.
///
/// A slow receiver fills the buffer; the programs then drop records, never packets.
final class RingBufferReader: Sendable {
    /// What is called on the reader's thread.
    struct Receiver: Sendable {
        /// For each record in turn, also on the thread that calls `catchUp()`; the bytes are
        /// the kernel's and gone afterwards.
        var record: @Sendable (UnsafeRawBufferPointer) -> Void
        /// Between two looks into the buffer.
        var pause: @Sendable () throws(KernelError) -> Void = {}
        /// After the last record.
        var end: @Sendable () throws(KernelError) -> Void = {}
    }

    /// What wakes the reader.
    enum Waking {
        /// Each record, if the one before has been read.
        case byRecords
        /// Hardly a record: it looks into the buffer by itself, soon enough that nobody notices.
        case byTime
    }

    private let work: Work
    private let thread: Mutex<pthread_t?>

    init(_ map: DatapathMap, pins: Pins, waking: Waking, _ receiver: Receiver) throws(KernelError) {
        let work = Work(map, try Descriptor(map: map, of: pins, readOnly: false), waking, receiver)
        try work.open()
        var thread = pthread_t()
        let context = Unmanaged.passRetained(work)
        let result = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if result != 0 {
            context.release()
            throw KernelError(.create, "the reader's thread of map \(map.rawValue)", code: result)
        }
        self.work = work
        self.thread = Mutex(thread)
    }

    deinit { stop() }

    /// Ends reading with all that is there to be told; when it returns, the receiver
    /// is called no more. Not to be called by the receiver itself.
    func stop() {
        work.stopping.store(true, ordering: .relaxed)
        thread.withLock { thread in
            if let running = thread { pthread_join(running, nil) }
            thread = nil
        }
    }

    /// Reads what is there now; when it returns, the receiver has had it. Not to be called
    /// by the receiver itself.
    func catchUp() { _ = try? work.consume() }

    /// Why reading ended by itself, if it did.
    var failure: KernelError? { work.failure.withLock { $0 } }

    /// What the reader's thread holds.
    private final class Work: Sendable {
        let stopping = Atomic(false)
        let failure = Mutex<KernelError?>(nil)
        /// Nil before it is opened, and once nothing is read any more.
        private let ring = Mutex<Ring?>(nil)
        private let map: DatapathMap
        private let descriptor: Descriptor
        private let waking: Waking
        private let receiver: Receiver

        init(_ map: DatapathMap, _ descriptor: consuming Descriptor, _ waking: Waking, _ receiver: Receiver) {
            self.map = map
            self.descriptor = descriptor
            self.waking = waking
            self.receiver = receiver
        }

        func run() {
            do {
                try read()
                try receiver.end()
            } catch {
                failure.withLock { $0 = error }
            }
        }

        /// - Throws: `KernelError` if the buffer cannot be mapped.
        func open() throws(KernelError) {
            guard
                let buffer = ring_buffer__new(
                    descriptor.raw,
                    { context, data, size in
                        Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue()
                            .receiver.record(UnsafeRawBufferPointer(start: data, count: size))
                        return 0
                    }, Unmanaged.passUnretained(self).toOpaque(), nil)
            else { throw KernelError(.open, "map \(map.rawValue)", code: errno) }
            let ring = Ring(owning: buffer)
            self.ring.withLock { $0 = ring }
        }

        private func read() throws(KernelError) {
            defer { ring.withLock { $0 = nil } }
            // Readable when the programs wake the reader.
            let bell = ring.withLock { $0.map { ring_buffer__epoll_fd($0.raw) } ?? -1 }
            var pace = ReadingPace()
            while !stopping.load(ordering: .relaxed) {
                try receiver.pause()
                var wait = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
                // `stop()` may have to wait as long.
                if poll(&wait, 1, waking == .byTime ? pace.pause : 100) < 0 && errno != EINTR {
                    throw KernelError(.poll, "map \(map.rawValue)", code: errno)
                }
                pace.found(try consume())
            }
            _ = try consume()
        }

        /// - Returns: how many records there were.
        func consume() throws(KernelError) -> Int32 {
            let count = ring.withLock { ring in ring.map { ring_buffer__consume($0.raw) } ?? 0 }
            if count < 0 { throw KernelError(.poll, "map \(map.rawValue)", code: count) }
            return count
        }
    }
}

/// libbpf's reader; frees itself.
private final class Ring: @unchecked Sendable {
    let raw: OpaquePointer
    init(owning raw: OpaquePointer) { self.raw = raw }
    deinit { ring_buffer__free(raw) }
}
