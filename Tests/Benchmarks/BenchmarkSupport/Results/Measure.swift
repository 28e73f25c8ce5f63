/// What is measured of a design.
public enum Measure: String, Codable, CodingKeyRepresentable, CaseIterable, Sendable {
    case requestRate, requestMedian, requestTail
    case wakefulRate, wakefulMedian, wakefulTail
    case connectRate
    case datagramsSent, datagramsDelivered
    case throughput
    case deniedConnect, deniedDatagram
    case kernelTCP, kernelUDP, kernelIngress, kernelUDPIngress, kernelAnswer
    case kernelFirstTCP, kernelFirstUDP
    case kernelDeniedConnect, kernelDeniedPacket

    public var title: String {
        switch self {
        case .requestRate: "TCP requests and responses"
        case .requestMedian: "Round trip of a TCP request, median"
        case .requestTail: "Round trip of a TCP request, 99th percentile"
        case .wakefulRate: "TCP requests and responses, nobody sleeps"
        case .wakefulMedian: "Round trip of a TCP request, median, nobody sleeps"
        case .wakefulTail: "Round trip of a TCP request, 99th percentile, nobody sleeps"
        case .connectRate: "TCP connections made and closed"
        case .datagramsSent: "UDP datagrams of 64 bytes, sent"
        case .datagramsDelivered: "UDP datagrams of 64 bytes, delivered"
        case .throughput: "TCP throughput"
        case .deniedConnect: "A denied TCP connect, for who tries"
        case .deniedDatagram: "A denied datagram, for who sends"
        case .kernelTCP: "Established TCP, a packet out"
        case .kernelUDP: "Established UDP, a packet out"
        case .kernelIngress: "Established TCP, a packet in"
        case .kernelUDPIngress: "UDP, a packet in"
        case .kernelAnswer: "A resolver's answer, a packet in"
        case .kernelFirstTCP: "First packet of a TCP connection"
        case .kernelFirstUDP: "Datagram to another destination than the last"
        case .kernelDeniedConnect: "A denied connect, refused by the connect hook"
        case .kernelDeniedPacket: "A packet of a denied flow"
        }
    }

    public var unit: String {
        switch self {
        case .requestRate, .wakefulRate, .connectRate, .datagramsSent, .datagramsDelivered: "1/s"
        case .requestMedian, .requestTail, .wakefulMedian, .wakefulTail, .deniedConnect, .deniedDatagram: "µs"
        case .throughput: "Gbit/s"
        case .kernelTCP, .kernelUDP, .kernelIngress, .kernelUDPIngress, .kernelAnswer, .kernelFirstTCP,
            .kernelFirstUDP, .kernelDeniedConnect, .kernelDeniedPacket:
            "ns"
        }
    }

    /// How many places after the point mean anything.
    public var places: Int {
        switch unit {
        case "µs", "Gbit/s": 2
        default: 0
        }
    }

    /// What a pod's programs see of it, by real tools where there are any.
    public static let traffic: [Measure] = [
        .requestRate, .requestMedian, .requestTail, .connectRate, .datagramsSent, .datagramsDelivered, .throughput,
    ]

    public static let denials: [Measure] = [.deniedConnect, .deniedDatagram]

    /// A run of an eBPF program, by the kernel's own count.
    public static let kernel: [Measure] = [
        .kernelTCP, .kernelUDP, .kernelIngress, .kernelUDPIngress, .kernelAnswer, .kernelFirstTCP,
        .kernelFirstUDP, .kernelDeniedConnect, .kernelDeniedPacket,
    ]
}
