/// sockperf, a request of 64 bytes at a time and its response on one TCP connection.
enum SockperfCommand {
    /// - Parameter seconds: that it sends; it takes two more.
    static func requests(_ port: UInt16, seconds: Int) -> [String] {
        [
            "sockperf", "ping-pong", "--tcp", "-i", "\(BenchmarkNode.server)", "-p", "\(port)", "-t", "\(seconds)",
            "-m", "64", "--full-rtt",
        ]
    }

    static func server(_ port: UInt16) -> [String] {
        ["sockperf", "server", "--tcp", "-i", "\(BenchmarkNode.server)", "-p", "\(port)"]
    }
}
