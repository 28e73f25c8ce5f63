/// What counts of iperf3's JSON, by the names that it has there.
public struct IperfOutput: Decodable, Sendable {
    /// Why there is nothing else.
    public var error: String?
    public var end: End

    public struct End: Decodable, Sendable {
        public var sum_received: Sum?
    }

    /// As the receiver has it; of UDP also what never arrived.
    public struct Sum: Decodable, Sendable {
        public var seconds: Double
        public var bits_per_second: Double
        public var packets: Int?
        public var lost_packets: Int?
    }

    /// Nil of a run that failed.
    public var whole: IperfOutput? { error == nil && end.sum_received != nil ? self : nil }

    /// Datagrams a second: sent, and arrived.
    public var datagrams: (sent: Double, delivered: Double)? {
        guard let sum = end.sum_received, sum.seconds > 0, let packets = sum.packets, let lost = sum.lost_packets
        else { return nil }
        return (Double(packets) / sum.seconds, Double(packets - lost) / sum.seconds)
    }

    /// Gbit/s.
    public var throughput: Double? { end.sum_received.map { $0.bits_per_second / 1e9 } }
}
