import AgentAPI
import AgentConfiguration
import KernelDatapath
import Logging
import PolicyModel
import VerdictTables

/// Where the programs are attached.
extension Agent {
    /// Attaching looks at every pin and link: not for each change of a pod.
    func attachIfWanted() {
        if attachedFor != attachmentWish { attach() }
    }

    private var attachmentWish: AttachmentWish {
        AttachmentWish(trees: ownTrees, cgroupsElsewhereVersion: node.cgroupIndex.cgroupsElsewhereVersion)
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
            let result = try datapath.attach(to: wanted)
            for line in result.done {
                logger.info("attachment: \(line)")
                metrics?.attachmentChanged()
            }
            if result.failures.isEmpty {
                attachedFor = attachmentWish
                clearCondition("attachment")
            } else {
                setCondition("attachment", Self.text(result.failures))
            }
            prove(wanted, result)
        } catch {
            setCondition("attachment", "\(error)")
            for path in wanted { evidence[path] = .none("\(error)") }
        }
        evidence = evidence.filter { wanted.contains($0.key) }
        if wanted != attachedTo {
            attachedTo = wanted
            snapshotIsStale = true
        }
        if wanted.isEmpty {
            setCondition(
                "pods",
                "no cgroup \(configuration.podsCgroup ?? "kubepods") below \(cgroupRoot) and no pod with a cgroup of its own: nothing is enforced yet"
            )
        } else {
            clearCondition("pods")
        }
    }

    private static func text(_ failures: [String: KernelError]) -> String {
        failures.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
    }

    /// The cgroups of all pods, and the pods' own cgroups that lie elsewhere.
    private func attachmentPaths() -> [String] {
        let own = ownTrees
        reportForeignTrees(own)
        var paths: [String] = []
        for path in (own + node.cgroupIndex.cgroupsElsewhere.values).map(\.path).sorted()
        where !paths.contains(where: { path == $0 || path.hasPrefix("\($0)/") }) {
            paths.append(path)
        }
        return paths
    }

    /// The trees of this node's kubelet: where its pods are, or where a kubelet's tree usually lies, unless
    /// the agent's own pod is known to lie in another. Others belong to nodes that run in this one's
    /// containers, or that this one runs in.
    private var ownTrees: [PodCgroup] {
        let inhabited = node.cgroupIndex.trees
        let agents = configuration.ownPod.flatMap { node.cgroupIndex.cgroup(of: $0.key)?.tree }
        return finder.trees.filter { tree in
            inhabited.contains(tree.path) || (agents == nil && finder.layout.isUsual(tree.path))
        }
    }

    private func reportForeignTrees(_ own: [PodCgroup]) {
        let foreign = Set(finder.trees.map(\.path)).subtracting(own.map(\.path))
        for path in foreign.subtracting(foreignTrees).sorted() {
            logger.notice(
                "cgroup \(path) looks like the pods' cgroup of another node and is left alone: none of this node's pods is known to be there, and it is not where a node's own is; if it is this node's, set podsCgroup"
            )
        }
        foreignTrees = foreign
    }
}

/// What attachments are made for: another value, other attachments.
struct AttachmentWish: Hashable {
    var trees: [PodCgroup]
    /// Stands for the cgroups of pods that lie elsewhere.
    var cgroupsElsewhereVersion: Int
}
