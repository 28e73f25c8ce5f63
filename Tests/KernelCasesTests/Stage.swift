import KernelDatapath
import ManifestSource
import PacketLab
import PolicyCompiler
import PolicyModel
import VerdictTables

/// A node of the lab's: the programs attached once, tables that follow one file of manifests after
/// the other by changes alone, and a process for each pod.
final class Stage {
    private let lab: Lab
    private let wire: Wire
    private let pins: Pins
    private let driver: TableDriver
    private let levels: Set<UInt8>
    private var store = ManifestStore()
    private var compiler = PolicyCompiler()
    private var pods: [CgroupID: PodEntry] = [:]
    private var seats: [Seat] = []

    /// Where one pod after the other runs: a cgroup below kubepods with a process in it.
    struct Seat {
        let cgroup: CgroupID
        let process: PodProcess
    }

    /// The kernel's tables, read back from the pins.
    let kernel: KernelTables

    init() throws {
        lab = try Lab()
        let kubepods = try lab.cgroup("kubepods")
        levels = [UInt8(kubepods.path.split(separator: "/").count + 1)]
        wire = try lab.wire()
        pins = Pins(directory: "/sys/fs/bpf/\(lab.name)")
        _ = try DatapathObject(pins: pins)
        driver = try TableDriver(pins: pins)
        kernel = try KernelTables(pins: pins)
        try Attachments(pins: pins).attach(to: kubepods.directory)
    }

    deinit { close() }

    func close() {
        _ = try? pins.removeEverything()
        lab.close()
    }

    // MARK: What the node knows

    /// Everything that the kernel shall hold.
    var tables: VerdictTables {
        var tables = compiler.tables
        tables.pods = pods
        return tables
    }

    /// Puts a file in the place of what it said before, seats these pods and changes the kernel's
    /// tables by what is different.
    func play(
        _ file: String, _ contents: [UInt8]?, seating wanted: [NamespacedName], failFast: Bool = true
    ) throws {
        store.update(file: file, contents: contents)
        let update = compiler.update(store.drainChanges())
        while seats.count < wanted.count { try addSeat() }
        let settings = settings(failFast: failFast)
        _ = try driver.apply(update.additions, settings: settings)
        try seat(wanted, settings)
        _ = try driver.apply(update.removals, settings: settings)
        try driver.reclaim()
    }

    /// Switches refusals in `connect` and `sendmsg` on or off.
    func set(failFast: Bool) throws {
        _ = try driver.apply(TableChanges(), settings: settings(failFast: failFast))
    }

    private func settings(failFast: Bool) -> NodeSettings {
        NodeSettings(flags: failFast ? .failFast : [], levels: levels)
    }

    private func seat(_ wanted: [NamespacedName], _ settings: NodeSettings) throws {
        var changes = TableChanges()
        for (index, seat) in seats.enumerated() {
            let entry = index < wanted.count ? compiler.subjects[wanted[index]]?.entry : nil
            guard pods[seat.cgroup] != entry else { continue }
            changes.pods[seat.cgroup] = .some(entry)
            pods[seat.cgroup] = entry
        }
        _ = try driver.apply(changes, settings: settings)
    }

    private func addSeat() throws {
        let cgroup = try lab.cgroup("kubepods/pod\(seats.count)")
        let process = try lab.start("pod\(seats.count)", in: cgroup, wire.namespace)
        seats.append(Seat(cgroup: CgroupID(rawValue: cgroup.id), process: process))
    }

    /// What is wrong with the files in force.
    var diagnostics: [Diagnostic] { store.diagnostics }

    /// What a pod is to the compiler.
    func subject(_ pod: NamespacedName) -> LocalPod? { compiler.subjects[pod] }

    /// The way to a judgement in words.
    func explain(_ judgement: Judgement) -> String {
        let cause = compiler.cause(judgement.decision.cause)?.reason ?? "no entry"
        let names = compiler.names.classes[judgement.addressClass]?.map(\.text) ?? []
        let peers = names.isEmpty ? "no named peer" : names.joined(separator: "; ")
        return "class \(judgement.addressClass) (\(peers)), rule \(judgement.rule.map { "\($0)" } ?? "missing")"
            + "\(judgement.byDefault ? " by default" : ""): \(cause)"
    }

    // MARK: Packets

    /// Sends the probes as the pod on this seat, which has these addresses.
    func send(
        _ probes: [CaseProbe], from seat: Int, addresses: [IPAddress],
        datagrams: ProbeBatch.Datagrams
    ) throws -> ProbeReport {
        try wire.setAddresses(addresses)
        let packets = probes.enumerated().map { index, probe in
            Probe(id: index, to: probe.to, port: probe.port, protocol: IPProtocol(probe.protocol))
        }
        return try wire.probe(seats[seat].process, packets, datagrams: datagrams)
    }
}
