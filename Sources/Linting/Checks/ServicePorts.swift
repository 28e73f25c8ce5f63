import PolicyCompiler
import PolicyModel
import VerdictTables

/// Rules that give the port of a service where the port of its pods counts.
extension LintContext {
    /// A port of a service that leads to another port of its pods.
    private struct Led {
        var service: Service
        var port: Service.Port
        /// The ports that it leads to, by the kind of pod.
        var targets: [Int: Set<UInt16>]
        /// The first endpoint, for services without an address.
        var endpoint: (address: IPAddress, port: UInt16)

        /// As a rule names it.
        var own: PolicyPort { PolicyPort(port.protocol, .range(port.number...port.number)) }

        /// The name that the service has for the pods' port.
        var name: String? { if case .named(let name) = port.target { name } else { nil } }
    }

    mutating func servicePortInRule() -> [Finding] {
        let (led, straight) = ledPorts()
        guard !led.isEmpty else { return [] }
        let byKind = led.indices.reduce(into: [Int: [Int]]()) { byKind, place in
            for kind in led[place].targets.keys { byKind[kind, default: []].append(place) }
        }
        // Few rules have such a port, and whom a rule means may be many.
        let own = Set(led.map(\.own))
        func isCandidate(_ placed: LocatedScope) -> Bool { placed.scope.ports?.contains(where: own.contains) ?? false }
        var findings: [Finding] = []
        for placed in inventory.policies.filter({ $0.isolates.contains(.egress) }).flatMap({
            scopes[$0.reference] ?? []
        })
        where isCandidate(placed) {
            findings += self.findings(placed, led, byKind, straight, denies: false)
        }
        for policy in clusterPolicies {
            let actions = Dictionary(
                policy.rules.map { ($0.place, $0.action) }, uniquingKeysWith: { first, _ in first })
            for placed in scopes[policy.reference] ?? [] where isCandidate(placed) && actions[placed.rule] != .pass {
                findings += self.findings(placed, led, byKind, straight, denies: actions[placed.rule] == .deny)
            }
        }
        return findings
    }

    private mutating func findings(
        _ placed: LocatedScope, _ all: [Led], _ byKind: [Int: [Int]], _ straight: [Int: Set<PolicyPort>], denies: Bool
    ) -> [Finding] {
        guard case .pods(let selection) = placed.scope.destination, let ports = placed.scope.ports else { return [] }
        let kinds = Set(selections.kinds(selection))
        let places = Set(kinds.flatMap { byKind[$0] ?? [] }).sorted()
        return places.compactMap { place in
            let led = all[place]
            let meant = kinds.intersection(led.targets.keys)
            guard let index = ports.firstIndex(of: led.own),
                // The pods may well listen on it too, by another service or by name.
                !meant.contains(where: { straight[$0]?.contains(led.own) == true || listens($0, led.own) }),
                !meant.contains(where: { isTargetAmong(ports, $0, led) })
            else { return nil }
            return finding(placed, index, led, denies: denies)
        }
    }

    private mutating func finding(_ placed: LocatedScope, _ index: Int, _ led: Led, denies: Bool) -> Finding? {
        let address = led.service.addresses.first ?? led.endpoint.address
        let number = led.service.addresses.isEmpty ? led.endpoint.port : led.port.number
        let subjects = selections.kinds(placed.scope.subject).filter { !inventory.kinds[$0].key.hostNetwork }
        var affected: [PodKind] = []
        for kind in subjects {
            let action = review.judge(sets[kind], to: address, protocol: led.port.protocol, port: number).action
            if action.allows == denies { affected.append(inventory.kinds[kind]) }
        }
        guard !affected.isEmpty else { return nil }
        let targets = led.targets.values.reduce(into: Set<UInt16>()) { $0.formUnion($1) }.sorted()
        let text = targets.map { "\($0)" }.joined(separator: ", ")
        let effect = denies ? "may use the service all the same" : "cannot use the service"
        let field = placed.policy.kind == .clusterNetworkPolicy ? "protocols" : "ports[\(index)]"
        return Finding(
            .warning, .servicePortInRule, placed.policy, field: "\(placed.ruleField).\(field)",
            "\(led.port.number)/\(led.port.protocol.name) is the port of service \(led.service.key), which leads to port "
                + "\(text) of its pods; rules about pods count the pods' port, so that \(affected.text) \(effect)",
            suggestion: "write port \(text)" + (led.name.map { ", or its name \($0)" } ?? ""))
    }

    private func listens(_ kind: Int, _ port: PolicyPort) -> Bool {
        inventory.kinds[kind].ports.contains { PolicyPort($0.protocol, .range($0.number...$0.number)) == port }
    }

    /// Whether the rule has the port that counts too, by number or name.
    private func isTargetAmong(_ rulePorts: [PolicyPort], _ kind: Int, _ led: Led) -> Bool {
        (led.targets[kind] ?? []).contains { target in
            let wanted = PolicyPort(led.port.protocol, .range(target...target))
            let names = inventory.kinds[kind].ports.filter { $0.protocol == led.port.protocol && $0.number == target }
            return ports([wanted], areAmong: rulePorts)
                || names.contains { rulePorts.contains(PolicyPort($0.protocol, .named($0.name))) }
        }
    }

    /// The ports of services that lead to others, and the ones that pods have behind a service under the same number.
    private func ledPorts() -> (led: [Led], straight: [Int: Set<PolicyPort>]) {
        var led: [Led] = []
        var straight: [Int: Set<PolicyPort>] = [:]
        for service in inventory.services {
            for port in service.ports {
                let endpoints = [true, false].flatMap { review.cluster.endpoints(of: service, port, ipv4: $0) }
                var targets: [Int: Set<UInt16>] = [:]
                for endpoint in endpoints {
                    guard let kind = inventory.kindAt[endpoint.address] else { continue }
                    if endpoint.port == port.number {
                        straight[kind, default: []].insert(
                            PolicyPort(port.protocol, .range(endpoint.port...endpoint.port)))
                    } else {
                        targets[kind, default: []].insert(endpoint.port)
                    }
                }
                guard let first = endpoints.first, !targets.isEmpty else { continue }
                led.append(Led(service: service, port: port, targets: targets, endpoint: first))
            }
        }
        return (led, straight)
    }
}
