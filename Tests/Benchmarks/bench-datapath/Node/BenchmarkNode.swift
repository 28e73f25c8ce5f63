import BenchmarkSupport
import KernelDatapath
import PacketLab
import PolicyModel
import VerdictTables

/// The lab that all measurements share: one measured pod that talks over a network to a server, and
/// one whose packets go to all the world and are answered by nobody.
final class BenchmarkNode {
    let lab: Lab
    /// Where candidates are attached; both measured pods are below, the server is not.
    let kubepods: Cgroup
    let client: Cgroup
    let speaker: Cgroup
    private let clientNamespace: NetworkNamespace
    private let wire: Wire
    private var servers: [Program] = []
    private var files = 0

    var levels: Set<UInt8> { [UInt8(client.path.split(separator: "/").count)] }
    var pods: [CgroupID] { [client, speaker].map { CgroupID(rawValue: $0.id) } }

    /// One processor for either end.
    private static let clientProcessor = 0
    private static let serverProcessor = 1

    init() throws {
        lab = try Lab()
        kubepods = try lab.cgroup("kubepods")
        client = try lab.cgroup("kubepods/client")
        speaker = try lab.cgroup("kubepods/speaker")
        let network = try lab.network()
        clientNamespace = try network.host("client", [BenchmarkTables.client])
        let server = try network.host("server", [BenchmarkTables.server])
        wire = try lab.wire()
        try wire.setAddresses([BenchmarkTables.client])
        for pattern in [Pattern.serveTCP, .serveUDP] {
            servers.append(
                try lab.launch(
                    Self.command(pattern, processor: Self.serverProcessor), in: lab.cgroup("server"),
                    server))
        }
    }

    func close() { lab.close() }

    private static func command(
        _ pattern: Pattern, processor: Int, count: Int = 0, first: Int = 0
    ) -> [String] {
        [
            "/proc/\(getProcessID())/exe", "traffic", pattern.rawValue, "--processor",
            "\(processor)", "--count", "\(count)", "--first", "\(first)",
        ]
    }

    /// Has a fresh process send, and returns when it is done.
    func run(_ pattern: Pattern, count: Int, first: Int = 0) throws {
        let talks = pattern == .tcpRequests || pattern == .udpRequests
        files += 1
        let output = "\(lab.directory)/output-\(files)"
        let program = try lab.launch(
            Self.command(pattern, processor: Self.clientProcessor, count: count, first: first),
            in: talks ? client : speaker, talks ? clientNamespace : wire.namespace, output: output)
        while !program.hasEnded { pause() }
        let text = readText(output)
        guard text == "done\n" else { throw LibraryError("\(pattern.rawValue): \(text)") }
    }
}
