import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// To the kernel: tables first, attachments after.
extension Agent {
    func apply(_ steps: [TableChanges]) {
        let settings = configuration.nodeSettings(levels: node.levels)
        do {
            let result = try datapath.apply(steps, desired: { node.tables }, settings: settings)
            mended("tables")
            degraded = []
            if result.generation != generation {
                logger.info("\(result.entries) entries changed, generation \(result.generation)")
                generation = result.generation
                snapshotIsStale = true
            }
        } catch {
            degraded.formUnion(concerned(by: steps.reduce(TableChanges()) { $0.followed(by: $1) }))
            complain("tables", "the old verdicts stay in force: \(error)")
        }
        attach()
        if !steps.isEmpty { nameThings() }
    }

    /// The pods whose verdicts may have been meant to change.
    private func concerned(by changes: TableChanges) -> Set<NamespacedName> {
        let sets = Set(changes.rules.keys.map(\.policySet))
        return Set(
            node.subjects.values.filter { subject in
                !changes.addresses.isEmpty || sets.contains(subject.policySet)
                    || node.cgroups[subject.key].map { changes.pods[$0.id] != nil } ?? false
            }.map(\.key))
    }

    func attach() {
        // A first filling that failed leaves tables that deny: nothing is
        // attached to them, and what an older agent attached stays as it is.
        guard generation > 0 else { return }
        let wanted = attachmentPaths()
        do {
            for line in try datapath.attach(to: wanted) { logger.info("attachment: \(line)") }
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
        for path in (finder.podsCgroups + node.cgroups.values.map(\.path)).sorted()
        where !paths.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) {
            paths.append(path)
        }
        return paths
    }
}
