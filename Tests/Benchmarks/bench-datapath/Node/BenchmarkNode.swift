import BenchmarkSupport
import Glibc
import PacketLab
import PolicyModel

/// The lab that all measurements share: one pod that talks through a router to a server.
final class BenchmarkNode {
    let lab: Lab
    /// Where eBPF candidates are attached; the pod is below, the servers are not.
    let kubepods: Cgroup
    let pod: Cgroup
    let router: Router
    private let servers: Cgroup
    private let prober: PodProcess
    private let echo: PodProcess
    private var files = 0

    var levels: Set<UInt8> { [UInt8(pod.path.split(separator: "/").count)] }

    /// In every list.
    static let server = PrefixList.address(0)
    /// One processor for either end, whatever is measured.
    private static let clientProcessor = 0
    private static let serverProcessor = 1

    /// - Parameter sizes: of the lists; the last entry of each and the first that it lacks are
    ///   addresses of the outside, for probes.
    init(sizes: [Int]) throws {
        lab = try Lab()
        kubepods = try lab.cgroup("kubepods")
        pod = try lab.cgroup("kubepods/client")
        servers = try lab.cgroup("servers")
        let served = Set([0] + sizes.flatMap { [$0 - 1, $0] }).sorted().map(PrefixList.address)
        router = try Router(lab, serving: served)
        prober = try lab.start(in: pod, router.pod)
        echo = try lab.start(in: servers, router.outside)
        for address in served {
            try echo.serveEcho(.tcp4, at: Endpoint(address, Port.probe))
            try echo.serveEcho(.udp4, at: Endpoint(address, Port.probe))
        }
        try serve(Self.traffic(.serveTCP))
        try serve(Self.traffic(.serveUDP))
        try serve(Self.traffic(.serveNames))
        try serve(["sockperf", "server", "--tcp", "-i", "\(Self.server)", "-p", "\(Port.sockperf)"])
        try serve(["iperf3", "-s", "-B", "\(Self.server)", "-p", "\(Port.iperf)"])
    }

    func close() { lab.close() }

    // MARK: Probes

    /// - Returns: how an exchange with the address by TCP ended.
    func tryTCP(_ address: IPAddress) throws -> ErrnoName {
        try prober.run(
            .tcpExchange(to: Endpoint(address, Port.probe), bytes: [1], timeoutMs: Self.patience)).result
    }

    func tryUDP(_ address: IPAddress) throws -> ErrnoName {
        try prober.run(
            .udpExchange(to: Endpoint(address, Port.probe), bytes: [1], timeoutMs: Self.patience)).result
    }

    /// Milliseconds after which nothing will come any more: outside is on the same machine.
    static let patience = 200

    // MARK: Traffic

    private static func traffic(_ pattern: Pattern) -> [String] {
        ["/proc/\(getpid())/exe", "traffic", pattern.rawValue]
    }

    private func serve(_ command: [String]) throws {
        _ = try lab.launch(
            Self.pinned(command, to: Self.serverProcessor), in: servers, router.outside,
            output: "\(lab.directory)/servers")
    }

    private static func pinned(_ command: [String], to processor: Int) -> [String] {
        ["taskset", "-c", "\(processor)"] + command
    }

    /// Has this program send from the pod.
    ///
    /// - Returns: the seconds that it took.
    @discardableResult
    func run(_ pattern: Pattern, count: Int, first: Int = 0, among prefixes: Int = 1) throws -> Double {
        let text = try run(
            Self.traffic(pattern) + ["--count", "\(count)", "--first", "\(first)", "--among", "\(prefixes)"])
        guard let seconds = text.split(separator: "\n").last.flatMap({ Double($0) }) else {
            throw LibraryError("\(pattern.rawValue): \(text)")
        }
        return seconds
    }

    /// Runs a program in the pod to its end.
    ///
    /// - Returns: what it wrote.
    func run(_ command: [String]) throws -> String {
        files += 1
        let output = "\(lab.directory)/output-\(files)"
        defer { unlink(output) }
        let program = try lab.launch(
            Self.pinned(command, to: Self.clientProcessor), in: pod, router.pod, output: output)
        let end = secondsNow() + 120
        while !program.hasEnded {
            guard secondsNow() < end else {
                program.kill()
                throw LibraryError("\(command.joined(separator: " ")) does not end: \(readText(output))")
            }
            usleep(2000)
        }
        return readText(output)
    }
}
