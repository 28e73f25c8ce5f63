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
        let frontends = throughServices ? frontends(at: peerships.compactMap(\.what)) : []
        var claims: [Claim] = []

        if !set.key.exempt {
            claims += guards.claims(about: peerships.compactMap(\.what))
            claims += frontends.compactMap(guardClaim)
        }
        if peerships.contains(where: { $0.what == .ownNode }) {
            claims.append(Claim(pattern: .everything, decision: Decision(.allow, cause(.ownNode))))
        }
        if set.key.isolated {
            let groups = peerships.compactMap { PodGroup($0.what) }
            claims += frontends.compactMap { claim(about: $0, members) }
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
            case .pods:
                matchedGroups += groups.filter { peer.matches($0.namespace, $0.labels, cluster) }
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

    /// A service port is guarded if an endpoint behind it is.
    private func guardClaim(_ frontend: Frontend) -> Claim? {
        for backend in frontend.everyBackend {
            let what = space.members(at: backend.address).compactMap(space.peership)
            guard let name = guards.name(guarding: what, frontend.protocol, backend.port) else { continue }
            return claim(frontend, .guard, .serviceGuarded(backend.service, guard: name))
        }
        return nil
    }

    /// A service port is allowed if a block names the service's address, or if
    /// every ready endpoint behind it is allowed on its target port.
    private func claim(about frontend: Frontend, _ members: [PeershipID]) -> Claim? {
        if let rule = set.rules.first(where: { names(members, frontend, $0) }) {
            return Claim(pattern: frontend.pattern, decision: Decision(.allow, rule.cause))
        }
        if frontend.backends.isEmpty && set.allowsEverything { return nil }
        var first: Decision?
        for backend in frontend.backends {
            let decision = claims(about: space.members(at: backend.address), throughServices: false)
                .decision(frontend.protocol, backend.port)
            guard let decision, decision.action == .allow else {
                let endpoint = backend.address.isIPv4
                    ? "\(backend.address):\(backend.port)" : "[\(backend.address)]:\(backend.port)"
                return claim(frontend, .deny, .serviceDenied(backend.service, endpoint: endpoint))
            }
            first = first ?? decision
        }
        guard let first else { return claim(frontend, .deny, .serviceDenied(frontend.service, endpoint: nil)) }
        let rule = set.rules.first { $0.cause == first.cause }
        return claim(frontend, .allow, .service(frontend.service, policy: rule?.policy, rule: rule?.index))
    }

    /// Whether a block of the rule names a service's address and port. One whose
    /// `except` cuts out an endpoint does not speak for the service: what it
    /// takes away must not come back by way of translation.
    private func names(
        _ members: [PeershipID], _ frontend: Frontend, _ rule: CompiledRule
    ) -> Bool {
        let covered = rule.ports?.contains { rulePort in
            patterns(rulePort, on: []).contains { $0.matches(frontend.protocol, frontend.number) }
        }
        guard covered ?? true else { return false }
        return (rule.peers ?? []).contains { peer in
            guard case .block(let id, let block) = peer, members.contains(id) else { return false }
            return !frontend.backends.contains { backend in
                block.except.contains { $0.contains(backend.address) }
            }
        }
    }

    private func claim(_ frontend: Frontend, _ action: Action, _ cause: Cause) -> Claim {
        Claim(pattern: frontend.pattern, decision: Decision(action, self.cause(cause)))
    }

    /// The ports that an address has as a service's. Where several services claim
    /// one, any of them may get the traffic: what is behind all of them counts.
    private func frontends(at peerships: [Peership]) -> [Frontend] {
        var frontends: [Frontend] = []
        for service in peerships.compactMap({ cluster.service($0) }).sorted(by: { $0.name < $1.name }) {
            let name = service.name
            for port in service.service.ports {
                func named(_ backends: [Backend]) -> [Frontend.Endpoint] {
                    backends.map { Frontend.Endpoint(service: name, address: $0.address, port: $0.port) }
                }
                let backends = cluster.backends(of: service, port)
                if let known = frontends.firstIndex(where: {
                    $0.protocol == port.protocol && $0.number == port.number
                }) {
                    frontends[known].backends += named(backends.inUse)
                    frontends[known].everyBackend += named(backends.all)
                } else {
                    frontends.append(
                        Frontend(
                            service: name, protocol: port.protocol, number: port.number,
                            backends: named(backends.inUse), everyBackend: named(backends.all)))
                }
            }
        }
        return frontends
    }
}
