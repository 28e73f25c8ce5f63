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
    private let serving: Cgroup
    /// That are always there.
    private(set) var servers: [(command: [String], program: Program)] = []
    var serversOutput: String { "\(lab.directory)/servers" }
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
        serving = try lab.cgroup("servers")
        let served = Set([0] + sizes.flatMap { [$0 - 1, $0] }).sorted().map(PrefixList.address)
        router = try Router(lab, serving: served)
        prober = try lab.start(in: pod, router.pod)
        echo = try lab.start(in: serving, router.outside)
        for address in served {
            try echo.serveEcho(.tcp4, at: Endpoint(address, Port.probe))
            try echo.serveEcho(.udp4, at: Endpoint(address, Port.probe))
        }
        for command in [
            Self.traffic(.serveTCP), Self.traffic(.serveUDP), Self.traffic(.serveNames),
            SockperfCommand.server(Port.sockperf), ["iperf3", "-s", "-B", "\(Self.server)", "-p", "\(Port.iperf)"],
        ] {
            servers.append((command, try serve(command)))
        }
    }

    func close() { lab.close() }

    // MARK: Probes

    /// - Returns: how an exchange with the address by TCP ended.
    func tryTCP(_ address: IPAddress) throws -> ErrnoName {
        try prober.run(
            .tcpExchange(to: Endpoint(address, Port.probe), bytes: [1], timeoutMs: Self.patience)
        ).result
    }

    func tryUDP(_ address: IPAddress) throws -> ErrnoName {
        try prober.run(
            .udpExchange(to: Endpoint(address, Port.probe), bytes: [1], timeoutMs: Self.patience)
        ).result
    }

    /// Milliseconds after which nothing will come any more: outside is on the same machine.
    static let patience = 200

    // MARK: Traffic

    private func serve(_ command: [String]) throws -> Program {
        try lab.launch(
            Self.pinned(command, to: Self.serverProcessor), in: serving, router.outside,
            output: serversOutput)
    }

    /// A server beside those that are always there; whoever wants it ends it.
    func serveSockperf(_ port: UInt16, _ options: [String]) throws -> Program {
        try serve(SockperfCommand.server(port) + options)
    }

    private static func pinned(_ command: [String], to processor: Int) -> [String] {
        ["taskset", "-c", "\(processor)"] + command
    }

    /// Starts a program in the pod.
    func start(_ command: [String]) throws -> Client {
        files += 1
        let output = "\(lab.directory)/output-\(files)"
        let program = try lab.launch(
            Self.pinned(command, to: Self.clientProcessor), in: pod, router.pod, output: output)
        return Client(command: command, program: program, output: output)
    }
}
