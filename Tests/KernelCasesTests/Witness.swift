import ManifestSource
import PacketLab
import PolicyCompiler
import PolicyModel
import VerdictTables

/// Asks everybody who can answer a case's probes: packets, the kernel's tables, and tables compiled
/// from the case alone.
struct Witness {
    /// How a denied call ends.
    enum Mode: String { case failFast = "fail-fast", egressAlone = "egress alone" }

    let stage: Stage
    let `case`: CaseFile
    /// Something that may deny more in its namespace, and nothing else.
    let intruder: InvalidObject?
    private(set) var asked = 0
    private(set) var mismatches: [String] = []

    init(_ stage: Stage, _ case: CaseFile, beside intruder: InvalidObject? = nil) {
        self.stage = stage
        self.case = `case`
        self.intruder = intruder
    }

    /// Sends every probe: TCP by `connect`, UDP by `sendto`, SCTP raw; with `connected`, UDP once
    /// more by `connect` and `send`.
    mutating func sendPackets(_ mode: Mode, connected: Bool) throws {
        for (seat, (pod, probes)) in `case`.byPod.enumerated() {
            let own = try addresses(of: pod)
            try send(probes, seat, own, .unconnected, mode)
            let udp = probes.filter { $0.protocol == .udp }
            if connected, !udp.isEmpty { try send(udp, seat, own, .connected, mode) }
        }
    }

    private mutating func send(
        _ probes: [CaseProbe], _ seat: Int, _ own: [IPAddress], _ datagrams: ProbeBatch.Datagrams,
        _ mode: Mode
    ) throws {
        let report = try stage.send(probes, from: seat, addresses: own, datagrams: datagrams)
        asked += probes.count
        for (probe, outcome) in zip(probes, report.outcomes) {
            if probe.allowed, probe.pod.namespace == intruder?.namespace { continue }
            let inside = probe.to.isLoopback || own.contains(probe.to)
            let seen: ProbeOutcome.Seen? = probe.allowed ? (inside ? .loopback : .wire) : nil
            let results = expectedResults(probe, inside: inside, mode)
            guard outcome.seen != seen || !results.contains(outcome.result) else { continue }
            complain(
                probe,
                "\(mode.rawValue), \(datagrams.rawValue): seen on \(outcome.seen.map { "\($0)" } ?? "nothing")"
                    + ", \(outcome.result); expected \(seen.map { "\($0)" } ?? "nothing"), \(results)")
        }
        // On the wire, where nobody answers.
        for stranger in report.strangers {
            mismatches.append("\(`case`.id): a packet that no probe sent: \(stranger)")
        }
    }

    private func expectedResults(
        _ probe: CaseProbe, inside: Bool, _ mode: Mode
    ) -> [ErrnoName] {
        // Nobody listens inside: the refusal may be there before the call returns.
        if probe.allowed { return inside ? [.ok, .refused] : [.ok] }
        // Without the hooks a SYN is lost in silence, but a datagram's sender is told.
        return mode == .egressAlone && probe.protocol == .tcp ? [.ok] : [.notPermitted]
    }

    /// Compares what the kernel's maps say, and what a compiler says that saw nothing else.
    mutating func askTables() throws {
        var fresh = PolicyCompiler()
        _ = fresh.update(try Self.changes(`case`))
        let memory = IndexedTables(fresh.tables)
        for (pod, probes) in `case`.byPod {
            guard let subject = stage.subject(pod), let twin = fresh.subjects[pod] else {
                mismatches.append("\(`case`.id): \(pod) is no subject")
                continue
            }
            let own = try addresses(of: pod)
            for probe in probes where !probe.to.isLoopback && !own.contains(probe.to) {
                let number = probe.protocol.rawValue
                let kernel = try stage.kernel.judge(
                    subject.policySet, to: probe.to, protocol: number, port: probe.port)
                let simulated = try memory.judge(
                    twin.policySet, to: probe.to, protocol: number, port: probe.port)
                if kernel != simulated || (kernel.decision.action == .allow) != probe.allowed {
                    complain(
                        probe,
                        "the kernel's maps say \(kernel.decision.action), "
                            + "simulated \(simulated.decision.action)")
                }
            }
        }
    }

    static func changes(_ case: CaseFile) throws -> [ClusterChange] {
        var store = ManifestStore()
        store.update(file: `case`.id, contents: `case`.contents)
        return store.drainChanges()
    }

    /// A pod of the host's network has the node's; any will do.
    private func addresses(of pod: NamespacedName) throws -> [IPAddress] {
        guard let subject = stage.subject(pod) else { return [] }
        if !subject.addresses.isEmpty { return subject.addresses }
        return ["192.0.2.9", "2001:db8:9::9"].compactMap { IPAddress($0) }
    }

    private mutating func complain(_ probe: CaseProbe, _ what: String) {
        var text = "\(`case`.id): \(probe), expected \(probe.allowed ? "allow" : "deny"): \(what)"
        if let subject = stage.subject(probe.pod),
            let judgement = try? stage.kernel.judge(
                subject.policySet, to: probe.to, protocol: probe.protocol.rawValue, port: probe.port)
        {
            text += "\n    by the maps: \(judgement.decision.action), \(stage.explain(judgement))"
        }
        mismatches.append(text)
    }
}
