import FoundationEssentials
import PolicyModel

/// A question: may this pod send there?
struct Probe: Hashable {
    enum Expectation: String { case allow, deny }

    var pod: NamespacedName
    var to: Host
    var port: UInt16
    var `protocol`: ProbeProtocol
    var expect: Expectation?
}

/// The protocols that can be asked about.
enum ProbeProtocol: String, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
    case icmp = "ICMP"

    /// The IANA number; ICMP differs between the families.
    func number(to address: IPAddress) -> UInt8 {
        switch self {
        case .tcp: TransportProtocol.tcp.rawValue
        case .udp: TransportProtocol.udp.rawValue
        case .sctp: TransportProtocol.sctp.rawValue
        case .icmp: address.isIPv4 ? 1 : 58
        }
    }

    init?(text: String) {
        self.init(rawValue: text.uppercased())
    }
}
