import ArgumentParser

/// What a process of the benchmark sends or answers.
enum Pattern: String, ExpressibleByArgument, CaseIterable {
    case serveTCP = "serve-tcp"
    case serveUDP = "serve-udp"
    case serveNames = "serve-names"
    /// One connection: a byte there, a byte back, again and again.
    case tcpRequests = "tcp-requests"
    /// The same from a connected datagram socket.
    case udpRequests = "udp-requests"
    /// Questions to a resolver from a connected socket, each answered before the next.
    case nameQueries = "name-queries"
    /// Connections to the server, one after the other, each closed as soon as it stands. No tool of
    /// Debian's counts these without an application's work in between.
    case tcpConnections = "tcp-connections"
    /// A SYN to another allowed address each time.
    case tcpFirst = "tcp-first"
    /// A datagram to another allowed address each time, from one socket.
    case udpFirst = "udp-first"
    /// Connects to the first address that is denied.
    case tcpDenied = "tcp-denied"
    /// Datagrams to it, from one socket.
    case udpDenied = "udp-denied"
    /// The same from a connected socket, about which only packets are left to be asked.
    case udpDeniedPackets = "udp-denied-packets"
}
