import BenchmarkSupport
import CLibbpf
import Glibc
import KernelDatapath
import PacketLab
import PolicyCompiler
import PolicyModel
import VerdictTables

/// Sluice itself, with pins of its own, told what a pod may do by a NetworkPolicy, and by a
/// ClusterNetworkPolicy if that is to name domains. The server is a resolver that it trusts.
final class SluiceProgram: Candidate {
    let design: Design
    let prefixes: Int?
    let loading: DatapathReport.Loading?
    private(set) var clocks: [ProgramRole: ProgramClock] = [:]
    let pins: Pins
    private let cgroup: String
    private let driver: TableDriver
    private var settings: NodeSettings
    /// Somebody reads what the programs tell, as the agent does.
    private let events: EventReader
    private let answers: DNSEventReader

    init(prefixes count: Int, namesDomains: Bool = false, node: BenchmarkNode) throws {
        design = namesDomains ? .named : .sluice
        prefixes = count
        pins = Pins(directory: "/sys/fs/bpf/\(node.lab.name)-\(design.rawValue)-\(count)")
        cgroup = node.kubepods.directory
        settings = NodeSettings(flags: .failFast, levels: node.levels)
        // As the agent has it where nobody configures anything else.
        settings.reporting.eventsPerSecond = 5000
        settings.reporting.repeatWindow = 5_000_000_000

        let begun = secondsNow()
        let tables = try Self.tables(prefixes: count, namesDomains: namesDomains, pod: CgroupID(rawValue: node.pod.id))
        let compiled = secondsNow()
        _ = try DatapathObject(pins: pins)
        driver = try TableDriver(pins: pins)
        _ = try driver.compareAndRepair(desired: tables, settings: settings)
        // Names say nothing of how long a list takes.
        loading = namesDomains ? nil : .init(compile: compiled - begun, apply: secondsNow() - compiled)
        try Resolvers(pins: pins).set([BenchmarkNode.server])

        events = try EventReader(pins: pins) { _ in }
        answers = try DNSEventReader(pins: pins) { _ in }
        try readClocks()
    }

    private func readClocks() throws {
        func clock(_ program: DatapathProgram) throws -> ProgramClock {
            try ProgramClock(owning: LibraryError.check(bpf_obj_get(pins.path(program)), program.rawValue))
        }
        clocks = [.egress: try clock(.egress), .ingress: try clock(.ingress), .connect: try clock(.connect4)]
    }

    func reload() throws {
        _ = try DatapathObject(pins: pins)
        try readClocks()
    }

    deinit {
        events.stop()
        answers.stop()
    }

    var answersRead: UInt64? { get throws { try AnswerCounters(pins: pins).read().read } }

    func attach() throws {
        try Attachments(pins: pins).attach(to: cgroup)
    }

    func detach() throws {
        try Attachments(pins: pins).detachAll()
    }

    func setFailFast(_ isOn: Bool) throws {
        settings.flags = isOn ? .failFast : []
        _ = try driver.apply(TableChanges(), settings: settings)
    }

    /// What the compiler makes of a policy whose one rule lists the prefixes, for TCP and UDP.
    private static func tables(prefixes: Int, namesDomains: Bool, pod: CgroupID) throws -> VerdictTables {
        let key = NamespacedName("benchmark", "client")
        let labels = ["app": "client"]
        let rule = PolicyRule(
            .egress, index: 0, peers: (0..<prefixes).map { .block(IPBlock(PrefixList.entry($0))) },
            ports: [PolicyPort(.tcp, .any), PolicyPort(.udp, .any)])
        var compiler = PolicyCompiler()
        _ = compiler.update([
            .set(.pod(Pod(key: key, labels: labels, addresses: [Router.podAddress]))),
            .set(
                .networkPolicy(
                    NetworkPolicy(
                        key: NamespacedName("benchmark", "list"), podSelector: LabelSelector(matchLabels: labels),
                        isolates: [.egress], rules: [rule]))),
        ])
        if namesDomains {
            let domain = DomainPattern("*.\(NameQuery.domain)").map { ClusterPeer.domains([$0]) }
            _ = compiler.update([
                .set(
                    .clusterNetworkPolicy(
                        ClusterNetworkPolicy(
                            name: "names", tier: .admin, priority: 0, subject: PodSelection(),
                            rules: [
                                TierPolicyRule(.egress, index: 0, action: .accept, peers: domain.map { [$0] } ?? [])
                            ])))
            ])
        }
        guard let entry = compiler.subjects[key]?.entry else { throw LibraryError("the compiler forgot the pod") }
        var tables = compiler.tables
        tables.pods[pod] = entry
        return tables
    }
}
