import PolicyModel
import VerdictTables

/// What a policy set says about an address class: its claims, in the order of
/// the design's section 2. Everything about a destination is decided here.
struct Evaluation {
    let set: CompiledSet
    let space: AddressSpace
    let cluster: ClusterState
    let guards: GuardIndex
    /// Notes a cause and gives its identifier.
    let cause: (Cause) -> CauseID

    /// - Parameter members: what the address is; empty for `.other`.
    func claims(about members: [PeershipID], throughServices: Bool = true) -> [Claim] {
        let peerships = members.map { (id: $0, what: space.peership($0)) }
        let services = throughServices
            ? peerships.compactMap { cluster.service($0.what) }.sorted { $0.name < $1.name } : []
        var claims: [Claim] = []

        if !set.key.exempt {
            claims += guards.claims(about: peerships.compactMap(\.what))
            for service in services { claims += guardedPorts(of: service) }
        }
        if peerships.contains(where: { $0.what == .ownNode }) {
            claims.append(Claim(pattern: .everything, decision: Decision(.allow, cause(.ownNode))))
        }
        if set.key.isolated {
            let groups = peerships.compactMap { PodGroup($0.what) }
            for service in services { claims += portClaims(of: service, members) }
            claims += set.rules.flatMap { ruleClaims($0, members, groups) }
        }
        return claims + [set.last]
    }

    // MARK: Rules

    private func ruleClaims(
        _ rule: CompiledRule, _ members: [PeershipID], _ groups: [PodGroup]
    ) -> [Claim] {
        var matchedByAddress = rule.peers == nil
        var matchedGroups: [PodGroup] = []
        for peer in rule.peers ?? [] {
            switch peer {
            case .block(let id, _):
                if members.contains(id) { matchedByAddress = true }
            case .pods(let namespace, let selector, let pods):
                matchedGroups += groups.filter { group in
                    let rightNamespace = namespace.map { $0 == group.namespace }
                        ?? selector.matches(cluster.labels(ofNamespace: group.namespace))
                    return rightNamespace && pods.matches(group.labels)
                }
            }
        }
        guard matchedByAddress || !matchedGroups.isEmpty else { return [] }
        let decision = Decision(.allow, rule.cause)
        guard let ports = rule.ports else { return [Claim(pattern: .everything, decision: decision)] }
        return ports.flatMap { port in
            patterns(port, on: matchedByAddress ? groups : matchedGroups)
        }.map { Claim(pattern: $0, decision: decision) }
    }

    private func patterns(_ port: PolicyPort, on groups: [PodGroup]) -> [PortPattern] {
        switch port.number {
        case .any: [.ports(port.protocol, 0...UInt16.max)]
        case .range(let range): [.ports(port.protocol, range)]
        case .named(let name):
            groups.flatMap(\.ports)
                .filter { $0.name == name && $0.protocol == port.protocol }
                .map { .ports(port.protocol, $0.number...$0.number) }
        }
    }

    // MARK: Services

    private func guardedPorts(of service: ServiceAddress) -> [Claim] {
        service.service.ports.compactMap { port in
            for backend in cluster.backends(of: service, port) {
                let what = space.members(at: backend.address).compactMap(space.peership)
                let behind = guards.claims(about: what).decision(port.protocol, backend.port)
                guard behind?.action == .guard, let name = guards.name(among: what) else { continue }
                return claim(port, .guard, .serviceGuarded(service.name, guard: name))
            }
            return nil
        }
    }

    /// A service port is allowed if a block names the service's address, or if
    /// every ready endpoint behind it is allowed on its target port.
    private func portClaims(of service: ServiceAddress, _ members: [PeershipID]) -> [Claim] {
        let name = service.name
        return service.service.ports.compactMap { port in
            let backends = cluster.backends(of: service, port)
            if let rule = set.rules.first(where: { names(members, port, backends, $0) }) {
                return Claim(
                    pattern: .ports(port.protocol, port.number...port.number),
                    decision: Decision(.allow, rule.cause))
            }
            if backends.isEmpty && set.allowsEverything { return nil }
            var first: Decision?
            for backend in backends {
                let decision = claims(about: space.members(at: backend.address), throughServices: false)
                    .decision(port.protocol, backend.port)
                guard let decision, decision.action == .allow else {
                    let endpoint = backend.address.isIPv4
                        ? "\(backend.address):\(backend.port)" : "[\(backend.address)]:\(backend.port)"
                    return claim(port, .deny, .serviceDenied(name, endpoint: endpoint))
                }
                first = first ?? decision
            }
            guard let first else { return claim(port, .deny, .serviceDenied(name, endpoint: nil)) }
            let rule = set.rules.first { $0.cause == first.cause }
            return claim(port, .allow, .service(name, policy: rule?.policy, rule: rule?.index))
        }
    }

    /// Whether a block of the rule names a service's address and port. One whose
    /// `except` cuts out an endpoint does not speak for the service: what it
    /// takes away must not come back by way of translation.
    private func names(
        _ members: [PeershipID], _ port: Service.Port, _ backends: [Backend], _ rule: CompiledRule
    ) -> Bool {
        let covered = rule.ports?.contains { rulePort in
            patterns(rulePort, on: []).contains { $0.matches(port.protocol, port.number) }
        }
        guard covered ?? true else { return false }
        return (rule.peers ?? []).contains { peer in
            guard case .block(let id, let block) = peer, members.contains(id) else { return false }
            return !backends.contains { backend in
                block.except.contains { $0.contains(backend.address) }
            }
        }
    }

    private func claim(_ port: Service.Port, _ action: Action, _ cause: Cause) -> Claim {
        Claim(
            pattern: .ports(port.protocol, port.number...port.number),
            decision: Decision(action, self.cause(cause)))
    }
}

/// Pods that no rule can tell apart.
struct PodGroup {
    var namespace: String
    var labels: Labels
    var ports: [NamedPort]

    init?(_ peership: Peership?) {
        guard case .pods(let namespace, let labels, let ports)? = peership else { return nil }
        self.namespace = namespace
        self.labels = labels
        self.ports = ports
    }
}

/// The guards in force, by name.
struct GuardIndex {
    private let guards: [String: (guarded: Guard, cause: CauseID)]

    init(_ guards: [Guard], cause: (Cause) -> CauseID) {
        self.guards = Dictionary(
            guards.map { ($0.name, ($0, cause(.guarded($0.name)))) }, uniquingKeysWith: { first, _ in first })
    }

    private func names(_ peerships: [Peership]) -> [String] {
        peerships.compactMap { if case .guarded(let name) = $0 { name } else { nil } }.sorted()
    }

    func claims(about peerships: [Peership]) -> [Claim] {
        names(peerships).compactMap { guards[$0] }.flatMap { entry in
            entry.guarded.patterns.map { Claim(pattern: $0, decision: Decision(.guard, entry.cause)) }
        }
    }

    func name(among peerships: [Peership]) -> String? { names(peerships).first }
}

extension ClusterState {
    fileprivate func service(_ peership: Peership?) -> ServiceAddress? {
        guard case .service(let name, let ipv4)? = peership, let slash = name.firstIndex(of: "/") else {
            return nil
        }
        let key = NamespacedName(String(name[..<slash]), String(name[name.index(after: slash)...]))
        return services[key].map { ServiceAddress(service: $0, ipv4: ipv4) }
    }
}
