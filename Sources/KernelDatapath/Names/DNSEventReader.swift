/// Reads what the programs leave of resolvers' answers to the agent, on a thread of
/// its own.
public final class DNSEventReader: Sendable {
    private let reader: RingBufferReader

    /// Starts to read.
    ///
    /// - Parameter receive: called on the reader's thread, for each message in turn.
    public init(
        pins: Pins = Pins(), receive: @escaping @Sendable (ResolverMessage) -> Void
    ) throws(KernelError) {
        reader = try RingBufferReader(
            .dnsEvents, pins: pins, waking: .byRecords,
            RingBufferReader.Receiver(record: { bytes in
                if let message = ResolverMessage(bytes) { receive(message) }
            }))
    }

    /// Ends reading; when it returns, the receiver is called no more.
    public func stop() { reader.stop() }

    /// What keeps it from reading at the moment; nil if nothing does.
    public var failure: KernelError? { reader.failure }

    /// How often something has.
    public var failures: Int { reader.failures }
}
