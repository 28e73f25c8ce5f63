public import PolicyModel

/// Traffic that may never pass: TCP and UDP from new sockets to a few ports of some addresses.
public final class DeniedTraffic {
    private let wire: Wire
    private let counted = Counted()
    private let trying: Repeating

    /// - Parameters:
    ///   - process: on the wire; does nothing else until ``stop()``.
    ///   - addresses: forbidden now already.
    public init(_ process: PodProcess, on wire: Wire, to addresses: IPAddress...) throws(LabError) {
        self.wire = wire
        _ = try wire.captured()
        let probes = (0..<40).map {
            Probe(
                id: $0, to: addresses[$0 / 10 % addresses.count], port: UInt16(78 + $0 % 5),
                protocol: $0 % 2 == 0 ? .tcp : .udp)
        }
        trying = Repeating { [counted] in
            _ = try process.run(.batch(ProbeBatch(probes, datagrams: .shared)))
            pauseBetweenTries()
            counted.note("new connection", times: probes.count / 2, nil)
            counted.note("new UDP socket", times: probes.count / 2, nil)
        }
    }

    /// So far. Wrong is every packet that left the pod.
    public func look() throws -> TrafficCount {
        for packet in try wire.captured() { counted.add(wrong: "\(packet)") }
        return counted.value
    }

    /// Runs the body while nothing is tried, and forgets what left the pod meanwhile.
    public func interrupted<Value>(by body: () throws -> Value) throws -> Value {
        try trying.interrupted {
            _ = try look()
            defer { _ = try? wire.captured() }
            return try body()
        }
    }

    public func stop() throws -> TrafficCount {
        try trying.stop()
        return try look()
    }
}
