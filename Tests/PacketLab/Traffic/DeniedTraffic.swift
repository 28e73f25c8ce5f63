public import PolicyModel

/// Traffic that may never pass: TCP and UDP from new sockets to a few ports of one address.
public final class DeniedTraffic {
    private let wire: Wire
    private let trying: Repeating

    /// - Parameters:
    ///   - process: on the wire; does nothing else until ``stop()``.
    ///   - address: forbidden now already.
    public init(_ process: PodProcess, on wire: Wire, to address: IPAddress) throws(LabError) {
        self.wire = wire
        _ = try wire.captured()
        let probes = (0..<40).map {
            Probe(id: $0, to: address, port: UInt16(78 + $0 % 5), protocol: $0 % 2 == 0 ? .tcp : .udp)
        }
        trying = Repeating { _ = try process.run(.batch(ProbeBatch(probes, datagrams: .shared))) }
    }

    /// Wrong is every packet that left the pod.
    public func stop() throws -> TrafficCount {
        var count = TrafficCount()
        count.tries = try trying.stop()
        for packet in try wire.captured() { count.add(wrong: "\(packet)") }
        return count
    }
}
