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
        /// For each record in turn; the bytes are the kernel's and gone afterwards.
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

        /// In milliseconds; `stop()` may have to wait as long.
        var timeout: Int32 {
            switch self {
            case .byRecords: 100
            case .byTime: 10
            }
        }
    }

    private let work: Work
    private let thread: Mutex<pthread_t?>

    init(_ map: DatapathMap, pins: Pins, waking: Waking, _ receiver: Receiver) throws(KernelError) {
        let work = Work(map, try Descriptor(map: map, of: pins, readOnly: false), waking, receiver)
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

    /// Why reading ended by itself, if it did.
    var failure: KernelError? { work.failure.withLock { $0 } }

    /// What the reader's thread holds.
    private final class Work: Sendable {
        let stopping = Atomic(false)
        let failure = Mutex<KernelError?>(nil)
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

        private func read() throws(KernelError) {
            guard
                let buffer = ring_buffer__new(
                    descriptor.raw,
                    { context, data, size in
                        Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue()
                            .receiver.record(UnsafeRawBufferPointer(start: data, count: size))
                        return 0
                    }, Unmanaged.passUnretained(self).toOpaque(), nil)
            else { throw KernelError(.open, "map \(map.rawValue)", code: errno) }
            defer { ring_buffer__free(buffer) }
            while !stopping.load(ordering: .relaxed) {
                try receiver.pause()
                try check(ring_buffer__poll(buffer, waking.timeout), but: EINTR)
                try check(ring_buffer__consume(buffer))
            }
            try check(ring_buffer__consume(buffer))
        }

        private func check(_ result: Int32, but harmless: Int32? = nil) throws(KernelError) {
            guard result < 0, -result != harmless else { return }
            throw KernelError(.poll, "map \(map.rawValue)", code: result)
        }
    }
}
