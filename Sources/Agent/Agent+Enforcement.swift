import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To the kernel: tables first, attachments after.
extension Agent {
    func apply(_ steps: [TableChanges]) {
        let settings = configuration.nodeSettings(levels: node.levels)
        let news = node.hasNews ? node.takeNews() : nil
        // Before the kernel can tell of what is new.
        if let news { dispatcher.note(news) }
        let begun = ContinuousClock.now
        do {
            let result = try datapath.apply(steps, desired: { node.tables }, settings: settings)
            if !steps.isEmpty { metrics?.applied(since: begun) }
            mended("tables")
            degraded = []
            if note(generation: result.generation) {
                logger.info("\(result.entries) entries changed, generation \(generation)")
            }
        } catch {
            degraded.formUnion(concerned(by: steps.reduce(TableChanges()) { $0.followed(by: $1) }))
            metrics?.applyFailed()
            complain("tables", "the old verdicts stay in force: \(error)")
        }
        tellOfLeftovers()
        attachIfWanted()
        if let news, !news.residents.isEmpty {
            audit(news.residents)
            metrics?.traffic.note(news.residents.mapValues { $0?.record.pod.key })
            policiesAreStale = true
        }
        if !steps.isEmpty || news != nil { noteLodgers() }
    }

    /// - Returns: whether it is another.
    @discardableResult
    func note(generation current: UInt32) -> Bool {
        guard current != generation else { return false }
        generation = current
        snapshotIsStale = true
        return true
    }

    /// The pods whose verdicts may have been meant to change.
    private func concerned(by changes: TableChanges) -> Set<NamespacedName> {
        let sets = Set(changes.rules.keys.map(\.policySet))
        return Set(
            node.subjects.values.filter { subject in
                !changes.addresses.isEmpty || !changes.names.isEmpty || sets.contains(subject.policySet)
                    || node.residences.cgroup(of: subject.key).map { changes.pods[$0.id] != nil } ?? false
            }.map(\.key))
    }

    /// Attaching looks at every pin and link: not for each change of a pod.
    func attachIfWanted() {
        if attachedFor != attachmentWish { attach() }
    }

    private var attachmentWish: AttachmentWish {
        AttachmentWish(trees: finder.trees, outlyingVersion: node.residences.outlyingVersion)
    }

    /// Brings all attachments to what they should be, also those that somebody
    /// else took away.
    func attach() {
        // A first filling that failed leaves tables that deny: nothing is
        // attached to them, and what an older agent attached stays as it is.
        guard generation > 0 else { return }
        let wanted = attachmentPaths()
        attachedFor = nil
        do {
            for line in try datapath.attach(to: wanted) {
                logger.info("attachment: \(line)")
                metrics?.attachmentChanged()
            }
            attachedFor = attachmentWish
            mended("attachment")
        } catch {
            complain("attachment", "\(error)")
        }
        if wanted != attachedTo {
            attachedTo = wanted
            snapshotIsStale = true
        }
        if wanted.isEmpty {
            complain(
                "pods",
                "no cgroup \(configuration.podsCgroup ?? "kubepods") below \(cgroupRoot) and no pod with a cgroup of its own: nothing is enforced yet")
        } else {
            mended("pods")
        }
    }

    /// The cgroups of all pods, and the pods' own cgroups that lie elsewhere.
    private func attachmentPaths() -> [String] {
        var paths: [String] = []
        for path in (finder.trees + node.residences.outlying.values).map(\.path).sorted()
        where !paths.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) {
            paths.append(path)
        }
        return paths
    }
}

/// What attachments are made for: another value, other attachments.
struct AttachmentWish: Hashable {
    var trees: [PodCgroup]
    /// Stands for the cgroups of pods that lie elsewhere.
    var outlyingVersion: Int
}
