import AgentAPI
import LinuxBase
import VerdictTables

/// What happens in the tree of cgroups.
extension Agent {
    /// Takes what the watcher told: only the pods concerned are looked for.
    func apply(_ report: CgroupWatcher.Report) async {
        if let trouble = report.trouble {
            setCondition("cgroup events", trouble)
        } else {
            clearCondition("cgroup events")
        }
        if report.changes.contains(.unknown) { return await lookForCgroups() }
        let names = finder.apply(report.changes)
        follow(node.relocate(names, locate: finder.locate))
    }

    /// Looks at the whole tree.
    ///
    /// - Parameter retrying: whether what failed is tried again though nothing changed.
    func lookForCgroups(retrying: Bool = false) async {
        let (root, layout) = (finder.root, finder.layout)
        // Not here: a new pod is not to wait for a look at all the others.
        let walk = await Task.detached { CgroupWalk(root: root, layout: layout) }.value
        if finder.apply(walk) {
            clearCondition("cgroups")
        } else {
            setCondition("cgroups", "\(cgroupRoot) cannot be read; what was found before stays in force")
        }
        follow(node.relocate(finder.locate), retrying: retrying)
    }

    private func follow(_ steps: [TableChanges], retrying: Bool = false) {
        guard ownsTables else { return }
        // Cgroups come and go often, and trying costs: a full map is written
        // and taken back again.
        if steps.isEmpty && datapath.isPending && !retrying { return attachIfWanted() }
        apply(steps)
        publishFigures()
    }
}
