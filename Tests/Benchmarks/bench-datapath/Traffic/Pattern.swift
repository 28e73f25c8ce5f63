import ArgumentParser

/// What a process of the benchmark sends or answers.
enum Pattern: String, ExpressibleByArgument, CaseIterable {
    case serveTCP = "serve-tcp"
    case serveUDP = "serve-udp"
    /// One connection: a byte there, a byte back, again and again.
    case tcpRequests = "tcp-requests"
    /// The same from a connected datagram socket.
    case udpRequests = "udp-requests"
    /// A SYN to another address each time.
    case tcpFirst = "tcp-first"
    /// A datagram to another address each time, from one socket.
    case udpFirst = "udp-first"
    /// Datagrams to an address that is denied, from one connected socket.
    case udpDenied = "udp-denied"
    /// Connections to it.
    case tcpDenied = "tcp-denied"
}
