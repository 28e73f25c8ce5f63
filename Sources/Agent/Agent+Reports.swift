import Glibc
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To people: the log's names, the snapshot, and what is wrong at the moment.
extension Agent {
    func complain(_ subject: String, _ message: String) {
        guard troubles[subject] != message else { return }
        troubles[subject] = message
        snapshotIsStale = true
        logger.error("\(subject): \(message)")
    }

    func mended(_ subject: String) {
        if troubles.removeValue(forKey: subject) != nil {
            snapshotIsStale = true
            logger.info("\(subject): all is well again")
        }
    }

    func nameThings() {
        eventLog.use(
            EventLog.Book(pods: node.owners.mapValues(\.description), causes: node.compiler.knownCauses))
        snapshotIsStale = true
        if node.lodgers.isEmpty {
            mended("shared cgroups")
        } else {
            let pairs = node.lodgers.sorted { $0.key < $1.key }.map { "\($0.key) is in the cgroup of \($0.value)" }
            complain("shared cgroups", "\(pairs.joined(separator: ", ")), whose rules apply")
        }
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
        let (snapshot, directory) = (snapshot(), configuration.stateDirectory)
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try snapshot.write(to: directory) }.value
            mended("snapshot")
        } catch {
            complain("snapshot", "\(directory) cannot be written: \(error)")
            snapshotIsStale = true
        }
        return ContinuousClock.now - begun
    }

    /// Until the tables are this agent's, an earlier one's words describe them.
    private func snapshot() -> Snapshot {
        var snapshot = ownState()
        if !ownsTables, let inherited {
            snapshot.pods = inherited.pods
            snapshot.names = inherited.names
            snapshot.attachedTo = inherited.attachedTo
            snapshot.generation = inherited.generation
        }
        return snapshot
    }

    private func ownState() -> Snapshot {
        let pods = node.subjects.values.sorted { $0.key < $1.key }.map { subject in
            let cgroup = node.lodgers[subject.key] == nil ? node.cgroups[subject.key] : nil
            return Snapshot.Pod(
                pod: subject.key.description, uid: subject.uid,
                state: cgroup == nil ? .waiting : degraded.contains(subject.key) ? .degraded : .enforced,
                cgroup: cgroup?.path, cgroupID: cgroup?.id, policySet: subject.policySet,
                policies: subject.policyTexts,
                addresses: subject.addresses.map(\.description), hostNetwork: subject.hostNetwork,
                audit: subject.flags.contains(.audit), exempt: subject.exempt)
        }
        let problems =
            sourceDiagnostics.map { Snapshot.Problem(severity: $0.severity.rawValue, message: "\($0)") }
            + troubles.sorted { $0.key < $1.key }.map {
                Snapshot.Problem(severity: "error", message: "\($0.key): \($0.value)")
            }
        return Snapshot(
            agent: getpid(), startedAt: startedAt, writtenAt: time(nil), node: configuration.nodeName,
            source: configuration.source, cgroupRoot: cgroupRoot, generation: generation, enforcement: configuration.enforcement,
            startupPosture: configuration.startupPosture, metadataGuard: configuration.metadata.mode,
            nodePortGuard: configuration.nodePorts.mode, failFast: configuration.failFast, attachedTo: attachedTo, pods: pods,
            names: node.compiler.names, condition: reportedCondition, problems: problems, pending: datapath.isPending)
    }
}

extension SourceCondition {
    /// Equal but for the times of contact.
    fileprivate func resembles(_ other: SourceCondition) -> Bool {
        func timeless(_ feed: Feed) -> Feed {
            var feed = feed
            feed.lastContact = nil
            feed.objects = 0
            return feed
        }
        return feeds.map(timeless) == other.feeds.map(timeless)
    }
}
