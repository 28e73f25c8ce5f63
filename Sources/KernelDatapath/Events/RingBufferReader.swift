import CLibbpf
import CLastWords
import CLibbpfShim
import Glibc
import LinuxBase
import Synchronization
import SystemPackage

/// Reads a ring buffer on a thread of its own, for polling blocks.
///
/// A slow receiver fills the buffer; the programs then drop records, never packets. A failure does not end
/// the reading: it is counted, there to be asked for, and what failed is tried again.
package final class RingBufferReader: Sendable {
    /// What is called on the reader's thread.
    package struct Receiver: Sendable {
        /// For each record in turn, also on the thread that calls `catchUp()`; the bytes are
        /// the kernel's and gone afterwards.
        package var record: @Sendable (UnsafeRawBufferPointer) -> Void
        /// Between two looks into the buffer.
        package var pause: @Sendable () throws(KernelError) -> Void
        /// After the last record.
        package var end: @Sendable () throws(KernelError) -> Void

        package init(
            record: @escaping @Sendable (UnsafeRawBufferPointer) -> Void,
            pause: @escaping @Sendable () throws(KernelError) -> Void = {},
            end: @escaping @Sendable () throws(KernelError) -> Void = {}
        ) {
            self.record = record
            self.pause = pause
            self.end = end
        }
    }

    /// What wakes the reader.
    package enum Waking {
        /// Each record, if the one before has been read.
        case byRecords
        /// Hardly a record: it looks into the buffer by itself, soon enough that nobody notices.
        case byTime
    }

    private let work: Work
    private let thread: Mutex<BackgroundThread?>

    /// - Parameter isHeld: whether records wait in the buffer until `begin()`.
    package init(
        _ map: DatapathMap, pins: Pins, waking: Waking, isHeld: Bool = false, _ receiver: Receiver
    ) throws(KernelError) {
        let work = Work(map, try Descriptor(map: map, of: pins, readOnly: false), waking, receiver)
        try work.open()
        if !isHeld { work.begun.store(true, ordering: .relaxed) }
        do throws(Errno) {
            thread = Mutex(
                try BackgroundThread.start(map.rawValue) {
                    sluice_last_words_stack()
                    work.run()
                })
        } catch {
            throw KernelError(.create, "the reader's thread of map \(map.rawValue)", code: error.rawValue)
        }
        self.work = work
    }

    deinit { stop() }

    /// Has records read from now on.
    package func begin() { work.begun.store(true, ordering: .relaxed) }

    /// Ends reading with all that is there to be told; when it returns, the receiver
    /// is called no more. Not to be called by the receiver itself.
    package func stop() {
        work.stopping.store(true, ordering: .relaxed)
        thread.withLock { $0.take()?.join() }
    }

    /// Reads what is there now; when it returns, the receiver has had it. Not to be called
    /// by the receiver itself.
    package func catchUp() {
        if work.begun.load(ordering: .relaxed) { _ = try? work.consume() }
    }

    /// What keeps it from reading at the moment; it tries again and again. Nil if it reads.
    package var failure: KernelError? { work.failure.withLock { $0 } }

    /// How often something has kept it from reading.
    package var failures: Int { work.failures.load(ordering: .relaxed) }

    /// What the reader's thread holds.
    private final class Work: Sendable {
        let begun = Atomic(false)
        let stopping = Atomic(false)
        let failure = Mutex<KernelError?>(nil)
        let failures = Atomic(0)
        /// Nil after a failure, until the buffer is mapped anew.
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

        /// Reads until it is to stop, whatever fails meanwhile.
        func run() {
            let retry = RetryPause()
            var attempts = 0
            var pace = ReadingPace()
            while !stopping.load(ordering: .relaxed) {
                guard begun.load(ordering: .relaxed) else {
                    usleep(10_000)
                    continue
                }
                do throws(KernelError) {
                    try look(&pace)
                    if attempts > 0 { failure.withLock { $0 = nil } }
                    attempts = 0
                } catch {
                    failures.add(1, ordering: .relaxed)
                    failure.withLock { $0 = error }
                    attempts += 1
                    wait(milliseconds: retry.milliseconds(after: attempts))
                }
            }
            finish()
        }

        /// Whatever of this fails, nobody is there to try it again.
        private func finish() {
            do throws(KernelError) {
                _ = try consume()
                try receiver.end()
            } catch {
                failure.withLock { $0 = error }
            }
            ring.withLock { $0 = nil }
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

        /// One look into the buffer, and what comes before it. A receiver that fails keeps no
        /// record from being read.
        private func look(_ pace: inout ReadingPace) throws(KernelError) {
            var failed: KernelError?
            do throws(KernelError) { try receiver.pause() } catch { failed = error }
            // Readable when the programs wake the reader.
            var bell = ring.withLock { $0.map { ring_buffer__epoll_fd($0.raw) } }
            if bell == nil {
                try open()
                bell = ring.withLock { $0.map { ring_buffer__epoll_fd($0.raw) } }
            }
            var wait = pollfd(fd: bell ?? -1, events: Int16(POLLIN), revents: 0)
            // `stop()` may have to wait as long.
            if poll(&wait, 1, waking == .byTime ? pace.pause : 100) < 0 && errno != EINTR {
                throw KernelError(.poll, "map \(map.rawValue)", code: errno)
            }
            pace.found(try consume())
            if let failed { throw failed }
        }

        /// - Returns: how many records there were.
        func consume() throws(KernelError) -> Int32 {
            let count = ring.withLock { ring in
                let count = ring.map { ring_buffer__consume($0.raw) } ?? 0
                if count < 0 { ring = nil }
                return count
            }
            if count < 0 { throw KernelError(.poll, "map \(map.rawValue)", code: count) }
            return count
        }

        private func wait(milliseconds: Int) {
            for _ in 0..<(milliseconds / 10) where !stopping.load(ordering: .relaxed) { usleep(10_000) }
        }
    }
}

/// libbpf's reader; frees itself.
private final class Ring: @unchecked Sendable {
    let raw: OpaquePointer
    init(owning raw: OpaquePointer) { self.raw = raw }
    deinit { ring_buffer__free(raw) }
}
