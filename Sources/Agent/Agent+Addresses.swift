import AgentAPI
import KernelDatapath
import PolicyCompiler
import PolicyModel
import VerdictTables

/// Which addresses are pods' own.
extension Agent {
    /// Looks at pods whose cgroups have a new owner.
    func refreshAddresses(ofNew cgroups: some Sequence<CgroupID>) {
        var found: [CgroupID: PodAddressReader.Finding] = [:]
        for id in cgroups { found[id] = path(ofPodIn: id).map { addressReader.finding(ofPodAt: $0) } ?? .init() }
        record(found)
    }

    /// Looks at all pods.
    func refreshAddresses() async {
        let paths = node.owners.keys.compactMap { id in path(ofPodIn: id).map { (id, $0) } }
        let reader = addressReader
        // Not here: a new pod is not to wait for a look at all the others.
        let found = await Task.detached {
            Dictionary(paths.map { ($0, reader.finding(ofPodAt: $1)) }, uniquingKeysWith: { first, _ in first })
        }.value
        record(found)
        // What an earlier agent knew of pods that are gone. Before the source has told of all, none is.
        if isSynced { try? ownAddresses.keep(Set(podAddresses.keys)) }
    }

    private var addressReader: PodAddressReader { PodAddressReader(cgroupRoot: cgroupRoot) }

    /// - Returns: nil for a pod without a network namespace of its own too.
    private func path(ofPodIn id: CgroupID) -> String? {
        guard let owner = node.owners[id], node.subjects[owner]?.hostNetwork == false else { return nil }
        return node.cgroupIndex.cgroup(of: owner)?.path
    }

    private func record(_ found: [CgroupID: PodAddressReader.Finding]) {
        let before = podAddresses
        for (id, finding) in found { podAddresses[id] = node.owners[id] == nil ? nil : finding }
        podAddresses = podAddresses.filter { node.owners[$0.key] != nil }
        guard podAddresses != before else { return }
        snapshotIsStale = true
        do {
            for id in Set(before.keys).union(podAddresses.keys) where podAddresses[id] != before[id] {
                try ownAddresses.set(podAddresses[id]?.addresses ?? [], of: id)
            }
            clearCondition("own addresses")
        } catch {
            setCondition("own addresses", "pods may speak in the name of some of their addresses only: \(error)")
        }
    }

    /// What is not known of pods' addresses, for people; nil if all is.
    var unknownAddresses: String? {
        let hidden = podAddresses.values.count(where: \.isHidden)
        let omitted = podAddresses.values.reduce(0) { $0 + $1.omitted }
        var texts: [String] = []
        if hidden > 0 {
            texts.append(
                "those of secondary interfaces are unknown for \(hidden) pods, whose processes are in no sight: "
                    + "give the agent's pod hostPID")
        }
        if omitted > 0 { texts.append("\(omitted) are left out, as a pod may have \(PodAddressReader.most)") }
        return texts.isEmpty ? nil : texts.joined(separator: "; ")
    }
}
