import PolicyCompiler
import PolicyModel
import VerdictTables

/// A deliberately naive evaluator: the API's text and docs/design/data-walk.md,
/// object by object, flow by flow. No tables, no classes, no caches.
///
/// It does not know "self" (loopback and the pod's own addresses): the callers
/// of the tables decide that before they ask.
struct Oracle {
    private var namespaces: [String: Labels] = [:]
    private var pods: [Pod] = []
    private var services: [Service] = []
    private var slices: [EndpointSlice] = []
    private var policies: [NetworkPolicy] = []
    private let guards: GuardOracle
    let tiers: TierOracle
    private let nodeAddresses: [IPAddress]

    init(_ objects: some Collection<ClusterObject>, options: CompilerOptions = CompilerOptions()) {
        var nodes: [Node] = []
        var clusterPolicies: [ClusterNetworkPolicy] = []
        for object in objects {
            switch object {
            case .namespace(let namespace): namespaces[namespace.name] = namespace.labels
            case .node(let node): nodes.append(node)
            case .pod(let pod): pods.append(pod)
            case .service(let service): services.append(service)
            case .endpointSlice(let slice): slices.append(slice)
            case .runtimeClass: break
            case .networkPolicy(let policy): policies.append(policy)
            case .clusterNetworkPolicy(let policy): clusterPolicies.append(policy)
            }
        }
        guards = GuardOracle(guards: options.guards, exemptions: options.exemptions, nodes: nodes)
        tiers = TierOracle(policies: clusterPolicies, namespaces: namespaces, pods: pods, nodes: nodes)
        nodeAddresses = options.allowedNodeAddresses
    }

    /// - Parameters:
    ///   - number: the protocol's IANA number.
    ///   - port: 0 for protocols without ports.
    func judge(_ source: Pod, to address: IPAddress, protocol number: UInt8, port: UInt16) -> Action {
        guard let ready = serviceEndpoints(address, number, port) else {
            return judgeDirect(source, TierOracle.Place(address: address, port: port, number: number))
        }
        // What the socket sees is the service's, whoever else may have the address.
        let front = TierOracle.Place(address: address, port: port, number: number, isService: true)
        func place(_ endpoint: (IPAddress, UInt16)) -> TierOracle.Place {
            TierOracle.Place(address: endpoint.0, port: endpoint.1, number: number)
        }
        // Ready or not: readiness comes and goes, the guard stays.
        let everything = serviceEndpoints(address, number, port, inAnyState: true) ?? []
        var watched = false, past = false
        for face in [front] + everything.map(place) {
            let guarded = guards.mode(of: face.address, number, face.port, for: source)
            let spared = guards.spares(source, at: face.address, number, face.port)
            if guarded == nil && !spared { continue }
            if guarded == nil || tiers.action(.admin, of: source, to: [face]) == .accept {
                past = true
                continue
            }
            if guarded == .enforce { return .guard }
            watched = true
        }
        let ways = ready.isEmpty ? [[front]] : ready.map { [front, place($0)] }
        for way in ways where !passes(source, way, ready.map(\.0)) { return .deny }
        return watched ? .audit : past ? .allowGuarded : .allow
    }

    /// A destination that is no service.
    private func judgeDirect(_ source: Pod, _ place: TierOracle.Place) -> Action {
        let guarded = guards.mode(of: place.address, place.number, place.port, for: source)
        let spared = guards.spares(source, at: place.address, place.number, place.port)
        switch tiers.action(.admin, of: source, to: [place]) {
        case .accept: return guarded != nil || spared ? .allowGuarded : .allow
        // Policy's audit mode would let it pass, the guard's own would not.
        case .deny: return guarded == .enforce ? .guard : .deny
        case .pass, nil: break
        }
        if guarded == .enforce { return .guard }
        guard passesLater(source, [place], []) else { return .deny }
        return guarded == .audit ? .audit : spared ? .allowGuarded : .allow
    }

    /// One way through a service: its address, and an endpoint if one is ready.
    private func passes(_ source: Pod, _ way: [TierOracle.Place], _ endpoints: [IPAddress]) -> Bool {
        switch tiers.action(.admin, of: source, to: way) {
        case .accept: true
        case .deny: false
        case .pass, nil: passesLater(source, way, endpoints)
        }
    }

    /// What comes after the guards.
    private func passesLater(_ source: Pod, _ way: [TierOracle.Place], _ endpoints: [IPAddress]) -> Bool {
        if way.contains(where: { nodeAddresses.contains($0.address) }) { return true }
        let isolating = isolating(source)
        if isolating.isEmpty { return tiers.action(.baseline, of: source, to: way) != .deny }
        let front = way[0], last = way[way.count - 1]
        if !front.isService { return anyRule(of: isolating, allows: front.address, front.number, front.port) }
        if blockNames(front.address, front.number, front.port, endpoints, isolating) { return true }
        if way.count == 1 {
            return isolating.contains { $0.rules.contains { $0.peers == nil && $0.ports == nil } }
        }
        return anyRule(of: isolating, allows: last.address, last.number, last.port)
    }

    /// Whether a service has this port at the address.
    func isService(_ address: IPAddress, _ number: UInt8, _ port: UInt16) -> Bool {
        serviceEndpoints(address, number, port) != nil
    }

    func isIsolated(_ source: Pod) -> Bool { !isolating(source).isEmpty }

    // MARK: Policies

    private func isolating(_ source: Pod) -> [NetworkPolicy] {
        if source.hostNetwork { return [] }
        return policies.filter {
            $0.isolates.contains(.egress) && $0.key.namespace == source.key.namespace
                && oracleSelects($0.podSelector, source.labels)
        }
    }

    private func anyRule(
        of policies: [NetworkPolicy], allows address: IPAddress, _ number: UInt8, _ port: UInt16
    ) -> Bool {
        // Who the address belongs to, as far as policy can name them.
        let holders = pods.filter { !$0.hostNetwork && !$0.finished && $0.addresses.contains(address) }
        for policy in policies {
            for rule in policy.rules {
                guard let peers = rule.peers else {
                    if oracleCovers(rule.ports, number, port, on: holders) { return true }
                    continue
                }
                for peer in peers {
                    switch peer {
                    case .block(let block):
                        if oracleContains(block, address), oracleCovers(rule.ports, number, port, on: holders) {
                            return true
                        }
                    case .pods(let where_, let selector):
                        let matched = holders.filter {
                            inNamespace($0, where_, of: policy) && oracleSelects(selector, $0.labels)
                        }
                        if !matched.isEmpty, oracleCovers(rule.ports, number, port, on: matched) { return true }
                    }
                }
            }
        }
        return false
    }

    private func inNamespace(_ pod: Pod, _ namespaces: Peer.Namespaces, of policy: NetworkPolicy) -> Bool {
        let name = pod.key.namespace
        switch namespaces {
        case .own: return name == policy.key.namespace
        case .matching(let selector):
            return oracleSelects(selector, self.namespaces[name] ?? ["kubernetes.io/metadata.name": name])
        }
    }

    // MARK: Services

    /// Where translation may send the flow; nil if no service has this port.
    private func serviceEndpoints(
        _ address: IPAddress, _ number: UInt8, _ port: UInt16, inAnyState: Bool = false
    ) -> [(IPAddress, UInt16)]? {
        var found = false
        var endpoints: [(IPAddress, UInt16)] = []
        for service in services where service.addresses.contains(address) {
            for servicePort in service.ports
            where servicePort.protocol.rawValue == number && servicePort.number == port {
                found = true
                endpoints += self.endpoints(of: service, servicePort, like: address, inAnyState)
            }
        }
        return found ? endpoints : nil
    }

    /// kube-proxy's choice: ready endpoints of the service address's family, or
    /// when there are none those that serve while they terminate.
    private func endpoints(
        of service: Service, _ port: Service.Port, like address: IPAddress, _ inAnyState: Bool
    ) -> [(IPAddress, UInt16)] {
        var ready: [(IPAddress, UInt16)] = []
        var serving: [(IPAddress, UInt16)] = []
        for slice in slices
        where slice.key.namespace == service.key.namespace && slice.serviceName == service.key.name {
            for slicePort in slice.ports
            where slicePort.name == port.name && slicePort.protocol == port.protocol {
                guard let target = slicePort.number else { continue }
                for endpoint in slice.endpoints {
                    for own in endpoint.addresses where (own.ipv4 == nil) == (address.ipv4 == nil) {
                        if endpoint.ready || inAnyState { ready.append((own, target)) }
                        if endpoint.servingWhileTerminating { serving.append((own, target)) }
                    }
                }
            }
        }
        return ready.isEmpty ? serving : ready
    }

    /// Whether a block names the service's address itself. One that excepts an
    /// endpoint does not speak for the service.
    private func blockNames(
        _ address: IPAddress, _ number: UInt8, _ port: UInt16, _ endpoints: [IPAddress],
        _ policies: [NetworkPolicy]
    ) -> Bool {
        for rule in policies.flatMap(\.rules) where oracleCovers(rule.ports, number, port, on: []) {
            for case .block(let block) in rule.peers ?? [] where oracleContains(block, address) {
                let excepted = endpoints.contains { endpoint in
                    block.except.contains { oracleContains($0, endpoint) }
                }
                if !excepted { return true }
            }
        }
        return false
    }
}
