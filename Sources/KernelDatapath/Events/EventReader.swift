import CSluice
import Synchronization

/// Reads the programs' events, on a thread of its own.
///
/// Events that find the buffer full are counted: `KernelTables.lostEvents()`.
public final class EventReader: Sendable {
    private let reader: RingBufferReader
    private let state: State

    /// Starts to read.
    ///
    /// - Parameters:
    ///   - isHeld: whether events wait in the buffer until `begin()`.
    ///   - receive: called for each event in turn, on the reader's thread or on the one
    ///     that calls `catchUp()`.
    public init(
        pins: Pins = Pins(), isHeld: Bool = false, receive: @escaping @Sendable (FlowEvent) -> Void
    ) throws(KernelError) {
        let state = State(try LateReports(pins: pins))
        self.state = state
        reader = try RingBufferReader(
            .events, pins: pins, waking: .byTime, isHeld: isHeld,
            RingBufferReader.Receiver(
                record: { bytes in
                    if let event = FlowEvent(record: bytes) {
                        receive(event)
                    } else {
                        state.strange.add(1, ordering: .relaxed)
                    }
                },
                pause: { () throws(KernelError) in
                    for event in try state.due({ (late) throws(KernelError) in try late.drain(at: KernelClock.now()) })
                    {
                        receive(event)
                    }
                },
                end: { () throws(KernelError) in
                    for event in try state.due({ (late) throws(KernelError) in try late.drainAll(at: KernelClock.now())
                    }
                    ) {
                        receive(event)
                    }
                }))
    }

    /// Has events read from now on.
    public func begin() { reader.begin() }

    /// Ends reading with all that is there to be told; when it returns, the receiver
    /// is called no more. Not to be called by the receiver itself.
    public func stop() { reader.stop() }

    /// Reads what has been told so far, for who cannot wait until the reader looks again; when it
    /// returns, the receiver has had it. Not to be called by the receiver itself.
    public func catchUp() { reader.catchUp() }

    /// How many records could not be understood.
    public var strangeRecords: Int { state.strange.load(ordering: .relaxed) }

    /// What keeps it from reading at the moment, or from telling late reports; nil if nothing does.
    public var failure: KernelError? { reader.failure }

    /// How often something has.
    public var failures: Int { reader.failures }

    private final class State: Sendable {
        let strange = Atomic(0)
        private let late: Mutex<LateReports>

        init(_ late: consuming LateReports) { self.late = Mutex(late) }

        func due(
            _ take: (inout LateReports) throws(KernelError) -> [FlowEvent]
        ) throws(KernelError) -> [FlowEvent] {
            try late.withLock { (late) throws(KernelError) in try take(&late) }
        }
    }
}
