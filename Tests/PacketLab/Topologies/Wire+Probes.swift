/// What became of one probe.
public struct ProbeOutcome: Sendable, Hashable {
    /// Where the packet was seen.
    public enum Seen: Sendable {
        /// It left the pod.
        case wire
        /// The destination was one of the pod's own addresses, and it got there.
        case loopback
    }

    public var probe: Probe
    /// How `connect` or `send` ended. For TCP, OK means no more than that it was not refused.
    public var result: ErrnoName
    /// Nil where no packet was seen.
    public var seen: Seen?

    public var passed: Bool { seen != nil }
}

/// A batch's outcomes, in its order, and what else was on the wire.
public struct ProbeReport: Sendable {
    public var outcomes: [ProbeOutcome]
    /// Packets that belong to no probe, and second packets of one.
    public var strangers: [CapturedPacket]
}

extension Wire {
    /// Sends one packet per probe and tells which of them left.
    ///
    /// Each packet is known by a tag of its own (see ``ProbeBatch/firstTag``): tags use the ports
    /// from 20,000 on, so pods of this wire should listen below.
    public func probe(
        _ pod: PodProcess, _ probes: [Probe], datagrams: ProbeBatch.Datagrams = .unconnected
    ) throws(LabError) -> ProbeReport {
        _ = try captured()
        _ = try capturedOnLoopback()
        var report = ProbeReport(outcomes: [], strangers: [])
        report.outcomes.reserveCapacity(probes.count)
        var rest = probes[...]
        while !rest.isEmpty {
            let batch = ProbeBatch(Array(rest.prefix(10_000)), datagrams: datagrams)
            rest = rest.dropFirst(batch.probes.count)
            try send(batch, by: pod, into: &report)
        }
        return report
    }

    private func send(
        _ batch: ProbeBatch, by pod: PodProcess, into report: inout ProbeReport
    ) throws(LabError) {
        let response = try pod.demand(.batch(batch))
        guard let errnos = response.errnos, errnos.count == batch.probes.count else {
            throw LabError("batch", "an answer without results")
        }
        var outcomes = zip(batch.probes, errnos).map {
            ProbeOutcome(probe: $0, result: ErrnoName(errno: $1), seen: nil)
        }
        for packet in try captured() {
            if let index = batch.index(of: packet), outcomes[index].seen == nil {
                outcomes[index].seen = .wire
            } else {
                report.strangers.append(packet)
            }
        }
        for packet in try capturedOnLoopback() {
            if let index = batch.index(of: packet) { outcomes[index].seen = .loopback }
        }
        report.outcomes += outcomes
    }
}

extension ProbeBatch {
    /// Which probe the packet is.
    fileprivate func index(of packet: CapturedPacket) -> Int? {
        guard let tag = packet.tag, tag >= firstTag else { return nil }
        let index = Int(tag - firstTag)
        guard index < probes.count else { return nil }
        let probe = probes[index]
        let matches =
            packet.destination == probe.to.address
            && packet.protocol == probe.protocol.spoken(by: probe.to.address)
            && (packet.destinationPort ?? probe.to.port) == probe.to.port
            && (probe.source.map { $0 == packet.source } ?? true)
            && (packet.protocol != .tcp || packet.tcpFlags == .syn)
        return matches ? index : nil
    }
}
