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
        let requests = try run(SockperfCommand.requests(Port.sockperf, seconds: seconds)) { SockperfOutput($0) }
        guard let throughput = try iperf("-t", "\(seconds)").throughput else {
            throw LibraryError("iperf3 counted no byte")
        }
        return [
            .requestRate: requests.rate, .requestMedian: requests.median, .requestTail: requests.tail,
            .throughput: throughput,
        ].merging(try datagrams("-t", "\(seconds)")) { $1 }.merging(try connections(5_000 * seconds)) { $1 }
    }

    /// The part of it that means something after a fifth of a second.
    func briefly() throws -> [Measure: Double] {
        try datagrams("-k", "30000").merging(connections(3_000)) { $1 }
    }

    private func datagrams(_ extent: String...) throws -> [Measure: Double] {
        guard let rates = try iperf(extent + ["-u", "-b", "0", "-l", "64"]).datagrams else {
            throw LibraryError("iperf3 counted no datagram")
        }
        return [.datagramsSent: rates.sent, .datagramsDelivered: rates.delivered]
    }

    private func connections(_ count: Int) throws -> [Measure: Double] {
        [.connectRate: Double(count) / (try node.run(.tcpConnections, count: count))]
    }

    private func iperf(_ options: String...) throws -> IperfOutput { try iperf(options) }

    private func iperf(_ options: [String]) throws -> IperfOutput {
        try run(["iperf3", "-c", "\(BenchmarkNode.server)", "-p", "\(Port.iperf)", "-J"] + options) { text in
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
        throw node.failure(command, text)
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
