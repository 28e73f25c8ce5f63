import CLibbpf
import CLibbpfShim
import CSluice
import Glibc
import Synchronization

/// Reads the ring buffer on a thread of its own, for polling blocks.
///
/// A slow receiver fills the buffer; the programs then drop events, never
/// packets, and count them: `KernelTables.lostEvents()`.
public final class EventReader: Sendable {
    /// How long `stop()` may have to wait, in milliseconds.
    private static let pollTimeout: Int32 = 100

    private let receiver: Receiver
    private let thread: Mutex<pthread_t?>

    /// Starts to read.
    ///
    /// - Parameter receive: called on the reader's thread, for each event in turn.
    public init(
        pins: Pins = Pins(), receive: @escaping @Sendable (FlowEvent) -> Void
    ) throws(KernelError) {
        let buffer = try RingBuffer(pins: pins)
        let receiver = Receiver(buffer, try LateReports(pins: pins), receive)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(receiver)
        let result = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Receiver>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        if result != 0 {
            context.release()
            throw KernelError(.create, "the event reader's thread", code: result)
        }
        self.receiver = receiver
        self.thread = Mutex(thread)
    }

    deinit { stop() }

    /// Ends reading with all that is there to be told; when it returns, the receiver
    /// is called no more. Not to be called by the receiver itself.
    public func stop() {
        receiver.stopping.store(true, ordering: .relaxed)
        thread.withLock { thread in
            if let running = thread { pthread_join(running, nil) }
            thread = nil
        }
    }

    /// How many records could not be understood.
    public var strangeRecords: Int { receiver.strange.load(ordering: .relaxed) }

    /// Why reading ended by itself, if it did.
    public var failure: KernelError? { receiver.failure.withLock { $0 } }

    /// What the reader's thread holds.
    private final class Receiver: Sendable {
        let stopping = Atomic(false)
        let strange = Atomic(0)
        let failure = Mutex<KernelError?>(nil)
        private let buffer: RingBuffer
        private let late: Mutex<LateReports>
        private let receive: @Sendable (FlowEvent) -> Void

        init(
            _ buffer: consuming RingBuffer, _ late: consuming LateReports,
            _ receive: @escaping @Sendable (FlowEvent) -> Void
        ) {
            self.buffer = buffer
            self.late = Mutex(late)
            self.receive = receive
        }

        func run() {
            do {
                try buffer.read(whileTrue: proceed) { event in
                    if let event {
                        self.receive(event)
                    } else {
                        self.strange.add(1, ordering: .relaxed)
                    }
                }
                for event in try late.withLock({ (late) throws(KernelError) in try late.takeAll(at: KernelClock.now()) }) {
                    receive(event)
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }

        /// Between two looks into the buffer.
        private func proceed() throws(KernelError) -> Bool {
            for event in try late.withLock({ (late) throws(KernelError) in try late.take(at: KernelClock.now()) }) {
                receive(event)
            }
            return !stopping.load(ordering: .relaxed)
        }
    }

    /// The kernel's ring buffer.
    private struct RingBuffer: ~Copyable, Sendable {
        private let descriptor: Descriptor

        init(pins: Pins) throws(KernelError) {
            descriptor = try Descriptor(map: .events, of: pins, readOnly: false)
        }

        /// - Parameter body: gets nil for a record that it could not understand.
        func read(
            whileTrue: () throws(KernelError) -> Bool, _ body: @escaping (FlowEvent?) -> Void
        ) throws(KernelError) {
            let context = Unmanaged.passRetained(Delivery(body))
            defer { context.release() }
            guard
                let buffer = ring_buffer__new(
                    descriptor.raw,
                    { context, data, size in
                        Unmanaged<Delivery>.fromOpaque(context!).takeUnretainedValue()
                            .deliver(UnsafeRawBufferPointer(start: data, count: size))
                        return 0
                    }, context.toOpaque(), nil)
            else { throw KernelError(.open, "map events", code: errno) }
            defer { ring_buffer__free(buffer) }
            while try whileTrue() {
                let result = ring_buffer__poll(buffer, EventReader.pollTimeout)
                if result < 0 && -result != EINTR {
                    throw KernelError(.poll, "map events", code: result)
                }
            }
            let result = ring_buffer__consume(buffer)
            if result < 0 { throw KernelError(.poll, "map events", code: result) }
        }
    }

    /// From bytes to events.
    private final class Delivery {
        private let body: (FlowEvent?) -> Void

        init(_ body: @escaping (FlowEvent?) -> Void) { self.body = body }

        func deliver(_ bytes: UnsafeRawBufferPointer) {
            body(FlowEvent(record: bytes))
        }
    }
}
