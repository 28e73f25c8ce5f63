package import PolicyModel
package import VerdictTables

/// Which policy set each subject has, and what the sets say.
extension PolicyCompiler {
    /// - Returns: the subjects that changed, and the uses of sets that end.
    mutating func recomputeSubjects() -> (
        changed: [NamespacedName: LocalPod?], unusedSets: [PolicySetID]
    ) {
        var changed: [NamespacedName: LocalPod?] = [:]
        var unusedSets: [PolicySetID] = []
        for key in staleSubjects {
            let old = subjects[key]
            var new: LocalPod?
            construction.waiting[key] = nil
            if let pod = cluster.pods[key], options.covers(pod) {
                let setKey = policySetKey(of: pod, .egress)
                if let site = siteOfConstruction(setKey) {
                    construction.waiting[key] = site
                    continue
                }
                // On a line of its own: as an argument it would have `self` copied first.
                let policySet = retainSet(setKey)
                new = subject(pod, policySet, setKey)
            }
            if let old { unusedSets.append(old.policySet) }
            guard old != new else { continue }
            subjects[key] = new
            changed[key] = .some(new)
        }
        staleSubjects = []
        return (changed, unusedSets)
    }

    package func policySetKey(of pod: Pod, _ direction: Direction) -> PolicySetKey {
        let policies =
            pod.hostNetwork
            ? []
            : cluster.policies[pod.key.namespace, default: [:]].values
                .filter { $0.isolates.contains(direction) && $0.podSelector.matches(pod.labels) }
                .sorted { $0.key < $1.key }.map { $0.side(direction) }
        func selected(_ tier: ClusterNetworkPolicy.Tier) -> [ClusterNetworkPolicy] {
            cluster.tiers[tier].filter { cluster.selects($0, pod) }.map { $0.side(direction) }
                .filter { !$0.rules.isEmpty }
        }
        var key = PolicySetKey(
            direction: direction, admin: selected(.admin), policies: policies,
            baseline: policies.isEmpty ? selected(.baseline) : [],
            // Sockets and sources are refused by the pod's flags, whatever its set.
            exempt: exemptions(of: pod).subtracting([.sockets, .sources]))
        key.resolveNamedPorts(on: pod)
        return key
    }

    private func exemptions(of pod: Pod) -> Set<Guard.Kind> {
        Set(options.exemptions.filter { $0.covers(pod) }.map(\.kind))
    }

    func subject(_ pod: Pod, _ policySet: PolicySetID, _ key: PolicySetKey) -> LocalPod {
        let labels = cluster.labels(ofNamespace: pod.key.namespace)
        var flags: PodFlags = []
        if key.mayDeny { flags.insert(.isolated) }
        if key.hasNames { flags.insert(.names) }
        if labels[NamespaceLabel.enforcement] == "audit" { flags.insert(.audit) }
        if labels[NamespaceLabel.failFast] == "false" { flags.insert(.failSlow) }
        let exemptions = exemptions(of: pod)
        if exemptions.contains(.sockets) { flags.insert(.anySocket) }
        let handler = pod.runtimeClass.flatMap { cluster.runtimes[$0] }
        if SandboxedRuntime.needsPacketSockets(handler: handler) { flags.insert(.anySocket) }
        if exemptions.contains(.sources) { flags.insert(.anySource) }
        if pod.hostNetwork {
            flags.insert(.host)
        } else if !pod.addresses.isEmpty {
            flags.insert(.addressed)
        }
        return LocalPod(
            key: pod.key, uid: pod.uid, hostNetwork: pod.hostNetwork, cgroupPath: pod.cgroupPath,
            mirror: pod.mirror, addresses: pod.addresses, policySet: policySet,
            policies: key.policies.map(\.key),
            clusterPolicies: (key.admin + key.baseline).map(\.reference), exemptions: exemptions,
            flags: flags, finished: pod.finished,
            unenforceable: SandboxedRuntime.obstacle(to: pod, handler: handler)
                ?? Mesh.obstacle(
                    to: pod, namespace: labels, failsFast: options.failsFast && !flags.contains(.failSlow)))
    }

    /// Gains a use of the set; its first one brings its rules and blocks in.
    package mutating func retainSet(_ key: PolicySetKey) -> PolicySetID {
        if key.isGuardsOnly { return .guardsOnly }
        let id = sets.id(of: key, hash: hash(of: key))
        if sets.retain(id) { for block in bringIn(id, key) { add(block) } }
        return id
    }

    /// Brings in all of a set but its blocks.
    /// - Returns: those.
    mutating func bringIn(_ id: PolicySetID, _ key: PolicySetKey) -> [IPBlock] {
        let set = compile(bounded(key, for: id))
        for selector in set.nodeSelectors { retainNodes(selector) }
        for patterns in set.domains { domainNames.add(patterns) }
        compiled[id] = set
        staleSets.insert(id)
        return set.blocks
    }

    mutating func add(_ block: IPBlock) { addressTable.add(block.identity, at: block.prefix, except: block.except) }
    mutating func remove(_ block: IPBlock) {
        addressTable.remove(block.identity, at: block.prefix, except: block.except)
    }

    mutating func releaseSet(_ id: PolicySetID) {
        guard sets.release(id), let set = compiled.removeValue(forKey: id) else { return }
        excesses[id] = nil
        remove(construction.blocksIn(id, of: set))
        for selector in set.nodeSelectors { releaseNodes(selector) }
        for patterns in set.domains { domainNames.remove(patterns) }
        staleSets.insert(id)
    }
}
