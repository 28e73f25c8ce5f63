/// Where things listen, outside.
enum Port {
    /// Echoes, for probes: at every served address.
    static let probe: UInt16 = 7000
    /// This program's own server; the rest are at the server's address only.
    static let traffic: UInt16 = 7001
    static let sockperf: UInt16 = 7002
    /// Of the server that never sleeps.
    static let wakefulSockperf: UInt16 = 7004
    static let iperf: UInt16 = 7003
    /// A resolver's.
    static let names: UInt16 = 53
    /// Nothing does.
    static let nobody: UInt16 = 7009
}
