import PolicyModel
import VerdictTables

/// What each kind of object changes: addresses, and what must be asked again.
extension PolicyCompiler {
    mutating func set(_ object: ClusterObject) {
        switch object {
        case .namespace(let namespace): setNamespace(namespace.name, namespace)
        case .node(let node): setNode(node.name, node)
        case .pod(let pod): setPod(pod.key, pod)
        case .service(let service): setService(service.key, service)
        case .endpointSlice(let slice): setSlice(slice.key, slice)
        case .runtimeClass(let runtime): setRuntimeClass(runtime.name, runtime)
        case .networkPolicy(let policy): setPolicy(policy.key, policy)
        case .clusterNetworkPolicy(let policy): setClusterPolicy(policy.reference, policy)
        }
    }

    mutating func remove(_ reference: ObjectReference) {
        switch reference.kind {
        case .namespace: setNamespace(reference.name, nil)
        case .node: setNode(reference.name, nil)
        case .pod: setPod(reference.key, nil)
        case .service: setService(reference.key, nil)
        case .endpointSlice: setSlice(reference.key, nil)
        case .runtimeClass: setRuntimeClass(reference.name, nil)
        case .networkPolicy: setPolicy(reference.key, nil)
        case .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy:
            setClusterPolicy(reference, nil)
        }
    }

    mutating func setNamespace(_ name: String, _ namespace: Namespace?) {
        let before = cluster.labels(ofNamespace: name)
        cluster.namespaces[name] = namespace
        guard before != cluster.labels(ofNamespace: name) else { return }
        for key in subjects.keys where key.namespace == name { staleSubjects.insert(key) }
        stalePeers.formUnion(addressTable.groups.groups(inNamespace: name))
    }

    mutating func setPod(_ key: NamespacedName, _ pod: Pod?) {
        let old = cluster.pods[key]
        let pod = pod.map { options.covers($0) ? $0 : $0.asPeer }
        guard old != pod else { return }
        metadata.pods.append(cluster.pods.set(key, pod))
        if subjects[key] != nil || pod.map(options.covers) == true { staleSubjects.insert(key) }
        // Unchanged addresses are added before they are removed, so that
        // nothing shared is forgotten in between.
        if let group = pod?.group {
            for address in pod?.addresses ?? [] { addressTable.add(group, at: Prefix(host: address)) }
        }
        if let group = old?.group {
            for address in old?.addresses ?? [] { addressTable.remove(group, at: Prefix(host: address)) }
        }
    }

    mutating func setService(_ key: NamespacedName, _ service: Service?) {
        let old = cluster.services[key]
        guard old != service else { return }
        cluster.services[key] = service
        metadata.services.append(ClusterMetadataDelta.Change(old: old, new: service))
        func identity(_ address: IPAddress) -> PeerIdentity {
            .service(key, ipv4: address.isIPv4)
        }
        for address in service?.addresses ?? [] { addressTable.add(identity(address), at: Prefix(host: address)) }
        for address in old?.addresses ?? [] { addressTable.remove(identity(address), at: Prefix(host: address)) }
        staleServices.insert(key)
        countEndpoints(key)
    }

    /// Each endpoint of each port is asked about by every set, so there may not be too many.
    private mutating func countEndpoints(_ key: NamespacedName) {
        let count = cluster.countEndpoints(of: key)
        crowdedServices[key] =
            count <= ObjectBounds.serviceEndpoints
            ? nil
            : Diagnostic(
                .error, object: "Service \(key)", reference: ObjectReference(.service, key), field: "spec.ports",
                "has \(count) pairs of port and endpoint, of which a service may have \(ObjectBounds.serviceEndpoints); nobody may connect to its own addresses"
            )
    }

    mutating func setSlice(_ key: NamespacedName, _ slice: EndpointSlice?) {
        for service in cluster.setSlice(key, slice) {
            serviceOf.replace(service, addresses: cluster.backendAddresses(of: service))
            staleServices.insert(service)
            countEndpoints(service)
        }
    }

    mutating func setRuntimeClass(_ name: String, _ runtime: RuntimeClass?) {
        guard cluster.runtimes[name] != runtime?.handler else { return }
        cluster.runtimes[name] = runtime?.handler
        for key in subjects.keys where cluster.pods[key]?.runtimeClass == name { staleSubjects.insert(key) }
    }

    mutating func setPolicy(_ key: NamespacedName, _ policy: NetworkPolicy?) {
        let old = cluster.policies[key.namespace]?[key.name]
        guard old != policy else { return }
        cluster.policies[key.namespace, default: [:]][key.name] = policy
        forgetAppraisals(of: ObjectReference(.networkPolicy, key))
        for pod in subjects.keys where pod.namespace == key.namespace { staleSubjects.insert(pod) }
    }

    mutating func setClusterPolicy(_ reference: ObjectReference, _ policy: ClusterNetworkPolicy?) {
        let old = cluster.tiers.set(reference, policy)
        guard old != policy else { return }
        forgetAppraisals(of: reference)
        for key in subjects.keys {
            guard let pod = cluster.pods[key] else { continue }
            if [old, policy].contains(where: { $0.map { cluster.selects($0, pod) } ?? false }) {
                staleSubjects.insert(key)
            }
        }
    }
}

extension ClusterState {
    /// Whether the policy says anything about where this pod may connect to.
    func selects(_ policy: ClusterNetworkPolicy, _ pod: Pod) -> Bool {
        !pod.hostNetwork && !policy.rules.isEmpty && policy.subject.pods.matches(pod.labels)
            && policy.subject.namespaces.matches(labels(ofNamespace: pod.key.namespace))
    }
}

extension Pod {
    /// What its addresses are to a selector; nil for a pod that is no peer.
    var group: PeerIdentity? {
        guard !hostNetwork, !finished, !addresses.isEmpty else { return nil }
        return .pods(namespace: key.namespace, labels: labels, ports: namedPorts)
    }
}
