import AgentAPI
import AgentConfiguration
import Glibc
import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To people: the log's names, the snapshot, and what is wrong at the moment.
extension Agent {
    func setCondition(_ subject: String, _ message: String) {
        guard conditions[subject] != message else { return }
        conditions[subject] = message
        snapshotIsStale = true
        logger.error("\(subject): \(message)")
    }

    func clearCondition(_ subject: String) {
        if conditions.removeValue(forKey: subject) != nil {
            snapshotIsStale = true
            logger.info("\(subject): all is well again")
        }
    }

    func reportSharedCgroups() {
        snapshotIsStale = true
        if node.podsSharingCgroup.isEmpty { return clearCondition("shared cgroups") }
        let complaints = node.podsSharingCgroup.sorted { $0.key < $1.key }.map { lodger, owner in
            guard let mirror = node.subjects[lodger]?.mirror,
                node.subjects[owner]?.mirror == nil
                    || node.subjects[owner]?.mirror?.hash == mirror.hash
            else { return "\(lodger) is in the cgroup of \(owner), whose rules apply" }
            return "\(lodger) says by its annotation that it is the static pod \(mirror.hash), "
                + "whose cgroup \(owner) has, which is older and whose rules apply"
        }
        setCondition("shared cgroups", complaints.joined(separator: "; "))
    }

    /// - Returns: how long it took.
    @discardableResult
    func saveSnapshot() async -> Duration {
        let condition = source.condition
        if !condition.resembles(reportedCondition) { snapshotIsStale = true }
        guard snapshotIsStale else { return .zero }
        reportedCondition = condition
        let begun = ContinuousClock.now
        snapshotIsStale = false
        let (snapshot, directory) = (snapshot(await names()), configuration.stateDirectory)
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try snapshot.write(to: directory) }.value
            clearCondition("snapshot")
        } catch {
            setCondition("snapshot", "\(directory) cannot be written: \(error)")
            snapshotIsStale = true
        }
        return ContinuousClock.now - begun
    }

    /// Does something to all, a part at a time, and lets others have their turn in between: a change of
    /// policy is not to wait for a report.
    func inParts<Element>(_ all: [Element], of size: Int, _ body: (ArraySlice<Element>) -> Void) async {
        for start in stride(from: 0, to: all.count, by: size) {
            body(all[start..<min(start + size, all.count)])
            await Task.yield()
        }
    }

    private func names() async -> IdentifierLegend {
        var names = node.compiler.namesButClasses
        await inParts(node.compiler.addressClasses, of: 512) { part in
            names.classes.merge(node.compiler.identities(of: part)) { $1 }
        }
        return names
    }

    /// Until the tables are this agent's, an earlier one's words describe them.
    private func snapshot(_ names: IdentifierLegend) -> Snapshot {
        var snapshot = ownState(names)
        if !ownsTables, let inherited {
            snapshot.pods = inherited.pods
            snapshot.names = inherited.names
            snapshot.attachedTo = inherited.attachedTo
            snapshot.attachments = inherited.attachments
            snapshot.generation = inherited.generation
        }
        return snapshot
    }

    /// Nil also where it is another pod's.
    private func ownCgroup(of subject: LocalPod) -> PodCgroup? {
        node.podsSharingCgroup[subject.key] == nil ? node.cgroupIndex.cgroup(of: subject.key) : nil
    }

    /// - Returns: nil for a finished pod without a cgroup, of which nothing is to be told.
    func state(of subject: LocalPod) -> Snapshot.Pod.State? {
        let cgroup = ownCgroup(of: subject)
        if subject.finished && cgroup == nil { return nil }
        if subject.unenforceable != nil { return .unenforceable }
        guard let cgroup else { return .waiting }
        if !isProven(cgroup) { return .unproven }
        if node.isHeld(subject.key) { return .held }
        if degraded.contains(subject.key) { return .degraded }
        return node.deleted.contains(subject.key) ? .deleted : .enforced
    }

    /// Where the configuration wants such pods to be one.
    private var unenforceableProblems: [Snapshot.Problem] {
        guard configuration.unenforceablePods == .problem else { return [] }
        return node.unenforceable.sorted { $0.key < $1.key }.map {
            Snapshot.Problem(severity: "error", message: "\($0.key) cannot be enforced: \($0.value)")
        }
    }

    private func ownState(_ names: IdentifierLegend) -> Snapshot {
        let pods = node.subjects.values.sorted { $0.key < $1.key }.compactMap { subject -> Snapshot.Pod? in
            guard let state = state(of: subject) else { return nil }
            let cgroup = ownCgroup(of: subject)
            return Snapshot.Pod(
                pod: subject.key.description, uid: subject.uid,
                state: state,
                cgroup: cgroup?.path, cgroupID: cgroup?.id, policySet: subject.policySet,
                policies: subject.policyTexts, isolated: subject.flags.contains(.isolated),
                workload: node.compiler.cluster.pod(subject.key)?.workload,
                addresses: subject.addresses.map(\.description), hostNetwork: subject.hostNetwork,
                audit: subject.flags.contains(.audit),
                exemptions: Guard.Kind.allCases.filter(subject.exemptions.contains),
                unenforceable: subject.unenforceable)
        }
        let problems =
            sourceDiagnostics.map { Snapshot.Problem(severity: $0.severity.rawValue, message: "\($0)") }
            + conditions.sorted { $0.key < $1.key }.map {
                Snapshot.Problem(severity: "error", message: "\($0.key): \($0.value)")
            }
            + unenforceableProblems
        return Snapshot(
            agent: getpid(), startedAt: startedAt, writtenAt: time(nil), previousRun: previousRun.text,
            node: configuration.nodeName, source: configuration.source.description, cgroupRoot: cgroupRoot,
            generation: generation, enforcement: configuration.enforcement,
            startupPosture: hasEndedForGood ? .guards : configuration.startupPosture,
            metadataGuard: configuration.metadata.mode,
            nodePortGuard: configuration.nodePorts.mode,
            socketGuard: PacketSocketReport(
                mode: configuration.sockets.mode, obstacle: datapath.socketGuardObstacle?.description),
            failFast: configuration.failFast, attachedTo: attachedTo,
            attachments: attachedTo.map {
                Snapshot.Attachment(
                    cgroup: $0, provenAt: evidence[$0]?.provenAt, obstacle: evidence[$0]?.obstacle ?? "not yet")
            },
            otherPrograms: otherPrograms, pods: pods,
            names: names, condition: reportedCondition, problems: problems, pending: datapath.isPending,
            unknownAddresses: unknownAddresses)
    }
}

extension SourceCondition {
    /// Equal but for the times of contact.
    fileprivate func resembles(_ other: SourceCondition) -> Bool {
        func timeless(_ feed: Feed) -> Feed {
            var feed = feed
            feed.lastContact = nil
            return feed
        }
        return feeds.map(timeless) == other.feeds.map(timeless)
    }
}
