import BenchmarkSupport

/// What a pod's programs see of a candidate.
struct ToolTraffic {
    private let node: BenchmarkNode
    private let seconds: Int

    init(_ node: BenchmarkNode, seconds: Int) {
        self.node = node
        self.seconds = seconds
    }

    func measure() throws -> [Measure: Double] {
        let requests = try requests()
        let datagrams = try iperf("-u", "-b", "0", "-l", "64")
        guard let rates = datagrams.datagrams, let throughput = try iperf().throughput else {
            throw LibraryError("iperf3 counted nothing")
        }
        let connections = 5_000 * seconds
        return [
            .requestRate: requests.rate, .requestMedian: requests.median, .requestTail: requests.tail,
            .datagramsSent: rates.sent, .datagramsDelivered: rates.delivered, .throughput: throughput,
            .connectRate: Double(connections) / (try node.run(.tcpConnections, count: connections)),
        ]
    }

    /// Requests and responses of 64 bytes on one TCP connection.
    private func requests() throws -> SockperfOutput {
        try run([
            "sockperf", "ping-pong", "--tcp", "-i", "\(BenchmarkNode.server)", "-p", "\(Port.sockperf)",
            "-t", "\(seconds)", "-m", "64", "--full-rtt",
        ]) { SockperfOutput($0) }
    }

    private func iperf(_ options: String...) throws -> IperfOutput {
        let command = ["iperf3", "-c", "\(BenchmarkNode.server)", "-p", "\(Port.iperf)", "-t", "\(seconds)", "-J"]
        return try run(command + options) { text in
            try IperfOutput(json: text).whole
        }
    }

    /// A tool gives up where the machine is too busy for its server to answer in time: it is asked thrice.
    ///
    /// - Parameter read: gives nil for a run that came to nothing.
    private func run<Output>(_ command: [String], _ read: (String) throws -> Output?) throws -> Output {
        var text = ""
        for _ in 0..<3 {
            text = try node.run(command)
            if let output = try read(text) { return output }
        }
        throw LibraryError("\(command.joined(separator: " ")): \(text)")
    }

    /// What the tools call themselves.
    static func versions() throws -> [String: String] {
        var versions: [String: String] = [:]
        for tool in ["sockperf", "iperf3", "nft", "iptables", "ipset"] {
            versions[tool] = try Tool.firstLine([tool, "--version"])
        }
        return versions
    }
}
