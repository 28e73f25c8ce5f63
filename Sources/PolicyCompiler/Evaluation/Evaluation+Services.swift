import PolicyModel
import VerdictTables

/// A service's port leads on to its endpoints, so it is judged by all of them.
///
/// Each endpoint is one path. A rule matches a path by either of its two views: the frontend, as the pod's
/// socket sees it, by the networks and nodes that hold the service's address; and the backend, as it is after
/// translation. The first rule that matches decides the path, tier by tier, and the port is allowed if all its
/// paths are.
extension Evaluation {
    /// A destination as rules see it.
    private struct ServiceView {
        var members: [PeerID]
        var peers: [PeerIdentity]
        /// Empty for a service's address: selectors speak of pods, not of services.
        var groups: [PodGroup]
        var `protocol`: TransportProtocol
        var port: UInt16
    }

    /// - Parameter identity: that of the service's address.
    func outcome(about frontend: Frontend, _ identity: Identity) -> RuleOutcome? {
        if frontend.isCrowded {
            let decision = Decision(.deny, cause(.serviceDenied(frontend.service, endpoint: nil)))
            return RuleOutcome(.service, frontend.pattern, .decide(decision))
        }
        let address = ServiceView(
            members: identity.members, peers: identity.peers, groups: [], protocol: frontend.protocol,
            port: frontend.number)
        var override: (action: Action, cause: CauseID?)?
        switch guardOutcome(frontend, address) {
        case .decide(let decision): return RuleOutcome(.service, frontend.pattern, .decide(decision))
        case .overrideAllow(let action, let cause): override = (action, cause)
        case .skipStage, nil: break
        }
        let hasSay = set.key.isolated || !set.admin.isEmpty || !set.baseline.isEmpty
        guard hasSay || override != nil else { return nil }
        var decision = decision(frontend, address)
        if decision.action == .allow, let override {
            decision = Decision(override.action, override.cause ?? decision.cause)
        }
        return RuleOutcome(.service, frontend.pattern, .decide(decision))
    }

    // MARK: Guards

    /// A service's port is guarded if its address is, or an endpoint behind it, and
    /// no rule of tier Admin accepts that very view: what accepts the service's
    /// address does not open what a hand-made endpoint slice puts behind it.
    private func guardOutcome(_ frontend: Frontend, _ address: ServiceView) -> RuleOutcome.Outcome? {
        var override: RuleOutcome.Outcome?
        func look(_ view: ServiceView, _ cause: (Guard) -> Cause) -> RuleOutcome.Outcome? {
            guard
                var entry = guards.guarding(
                    view.peers, view.protocol, view.port, exempt: set.key.exempt)
            else { return nil }
            if first(of: set.admin, matching: [view])?.rule.action == .accept {
                return .overrideAllow(as: .allowGuarded, cause: nil)
            }
            entry.cause = self.cause(cause(entry.guarded))
            return entry.outcome(exempt: set.key.exempt)
        }
        for outcome in [look(address) { .guarded($0.name) }]
            + frontend.everyBackend.map({ backend in
                look(view(backend, frontend)) { .serviceGuarded(backend.service, guard: $0.name) }
            })
        {
            if case .decide? = outcome { return outcome }
            // What would be denied were the guard to enforce is told first.
            if case .overrideAllow(.audit, _)? = outcome {
                if case .overrideAllow(.audit, _)? = override { continue }
                override = outcome
            }
            override = override ?? outcome
        }
        return override
    }

    // MARK: Paths

    private func decision(_ frontend: Frontend, _ address: ServiceView) -> Decision {
        if frontend.backends.isEmpty { return decision(frontend, address, nil) }
        var first: Decision?
        for backend in frontend.backends {
            let decision = decision(frontend, address, backend)
            if decision.action != .allow { return decision }
            first = first ?? decision
        }
        return first ?? set.last
    }

    /// - Parameter backend: nil where no endpoint is ready.
    private func decision(_ frontend: Frontend, _ address: ServiceView, _ backend: Frontend.Endpoint?) -> Decision {
        let endpoint = backend.map { view($0, frontend) }
        let views = [address] + [endpoint].compactMap(\.self)
        if let match = first(of: set.admin, matching: views), match.rule.action != .pass {
            return decision(match, frontend, backend)
        }
        if views.contains(where: { $0.peers.contains(.ownNode) }) {
            return Decision(.allow, cause(.ownNode))
        }
        if set.key.isolated { return decisionOfNetworkPolicies(frontend, address, backend, endpoint) }
        if let match = first(of: set.baseline, matching: views), match.rule.action != .pass {
            return decision(match, frontend, backend)
        }
        return set.last
    }

    /// A path is allowed if a block names the service's address, or if a rule allows
    /// the endpoint on its target port.
    private func decisionOfNetworkPolicies(
        _ frontend: Frontend, _ address: ServiceView, _ backend: Frontend.Endpoint?, _ endpoint: ServiceView?
    ) -> Decision {
        if let rule = set.rules.first(where: { names(address, frontend, $0) }) {
            return Decision(.allow, rule.cause)
        }
        guard let backend, let endpoint else {
            return set.openRule.map { Decision(.allow, $0.cause) }
                ?? Decision(.deny, cause(.serviceDenied(frontend.service, endpoint: nil)))
        }
        guard let rule = set.rules.first(where: { covers($0, endpoint) }) else {
            return Decision(.deny, cause(.serviceDenied(backend.service, endpoint: backend.endpoint)))
        }
        return Decision(.allow, cause(.service(frontend.service, policy: rule.policy.key, rule: rule.index)))
    }

    private func decision(
        _ match: (rule: CompiledRule, view: Int), _ frontend: Frontend, _ backend: Frontend.Endpoint?
    ) -> Decision {
        let action: Action = match.rule.action == .accept ? .allow : .deny
        guard match.view > 0, let backend, let rule = match.rule.tierRule else {
            return Decision(action, match.rule.cause)
        }
        let service = action == .allow ? frontend.service : backend.service
        return Decision(
            action,
            cause(.serviceTier(service, endpoint: action == .allow ? nil : backend.endpoint, rule)))
    }

    /// Whether a block of the rule names a service's address and port. One whose
    /// `except` cuts out an endpoint does not speak for the service: what it
    /// takes away must not come back by way of translation.
    private func names(_ address: ServiceView, _ frontend: Frontend, _ rule: CompiledRule) -> Bool {
        guard rule.patterns(on: []).contains(where: { $0.matches(frontend.protocol, frontend.number) }) else {
            return false
        }
        guard let peers = rule.peers, address.members.contains(where: peers.named.contains) else { return false }
        return peers.contains { peer in
            guard case .block(let id, let block) = peer, address.members.contains(id) else { return false }
            return !frontend.backends.contains { backend in
                block.except.contains { $0.contains(backend.address) }
            }
        }
    }

    // MARK: Views

    private func view(_ backend: Frontend.Endpoint, _ frontend: Frontend) -> ServiceView {
        ServiceView(
            members: backend.identity.members, peers: backend.identity.peers,
            groups: backend.identity.groups, protocol: frontend.protocol, port: backend.port)
    }

    /// The first rule that matches one of the views, and which view.
    private func first(
        of rules: [CompiledRule], matching views: [ServiceView]
    ) -> (rule: CompiledRule, view: Int)? {
        for rule in rules {
            if let view = views.firstIndex(where: { covers(rule, $0) }) { return (rule, view) }
        }
        return nil
    }

    private func covers(_ rule: CompiledRule, _ view: ServiceView) -> Bool {
        guard let pods = podsNamed(by: rule, view.members, view.groups) else { return false }
        return patterns(of: rule, on: pods).contains { $0.matches(view.protocol, view.port) }
    }
}
