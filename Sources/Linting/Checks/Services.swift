import PolicyCompiler
import PolicyModel
import VerdictTables

/// Services whose address is denied though some of their endpoints are allowed.
extension LintContext {
    private struct Port {
        var service: Service
        var port: Service.Port
        var address: IPAddress
        var endpoints: [(address: IPAddress, port: UInt16)]
        var likenesses: [EndpointLikeness]
    }

    mutating func servicePartlyDenied() -> [Finding] {
        let ports = mixedPorts()
        guard !ports.isEmpty else { return [] }
        let index = PortIndex(ports.map(\.likenesses))
        let kinds = kindsBySet.filter { !review.policies(of: $0.key).isEmpty }
        var denied: [Int: [(set: PolicySetID, endpoint: String)]] = [:]
        for set in kinds.keys {
            for place in index.places(mentioned(by: set)) {
                if let endpoint = deniedPart(ports[place], set) { denied[place, default: []].append((set, endpoint)) }
            }
        }
        return denied.compactMap { place, found in
            let pods = found.flatMap { kinds[$0.set] ?? [] }.map { inventory.kinds[$0] }
                .filter { !$0.key.hostNetwork }
            let first = found.min {
                review.policies(of: $0.set).lexicographicallyPrecedes(review.policies(of: $1.set))
            }
            guard let first, !pods.isEmpty else { return nil }
            return finding(ports[place], first.set, first.endpoint, pods)
        }
    }

    private func finding(_ port: Port, _ set: PolicySetID, _ endpoint: String, _ pods: [PodKind]) -> Finding {
        Finding(
            .warning, .servicePartlyDenied, ObjectReference(.service, port.service.key), field: "spec.ports",
            "port \(port.port.number)/\(port.port.protocol.name) is denied to \(pods.text): "
                + "endpoint \(endpoint) is not allowed, though others are, and a service is allowed only with all its ready endpoints; "
                + "policies: \(review.policies(of: set).text)",
            suggestion: "allow all pods behind the service, or split it by what they are")
    }

    /// The first endpoint that is denied where the address is, and another one is allowed.
    private mutating func deniedPart(_ port: Port, _ set: PolicySetID) -> String? {
        let whole = review.judge(set, to: port.address, protocol: port.port.protocol, port: port.port.number)
        guard whole.action == .deny else { return nil }
        var denied: (address: IPAddress, port: UInt16)?
        var isSomeAllowed = false
        for endpoint in port.endpoints {
            let verdict = review.judge(set, to: endpoint.address, protocol: port.port.protocol, port: endpoint.port)
            if verdict.action == .allow || verdict.action == .audit {
                isSomeAllowed = true
            } else {
                denied = denied ?? endpoint
            }
        }
        guard let denied, isSomeAllowed else { return nil }
        let pod = inventory.kindAt[denied.address].flatMap { kind in
            inventory.kinds[kind].count == 1 ? inventory.kinds[kind].example.key : nil
        }
        return AddressPort(denied.address, denied.port).description
            + (pod.map { " (pod \($0))" } ?? "")
    }

    /// The service ports whose endpoints some rule may tell apart. Of endpoints that
    /// are alike to every rule one is kept.
    private mutating func mixedPorts() -> [Port] {
        var mixed: [Port] = []
        for service in inventory.services {
            for ipv4 in [true, false] {
                guard let address = service.addresses.first(where: { $0.isIPv4 == ipv4 }) else { continue }
                for port in service.ports {
                    let endpoints = review.cluster.endpoints(of: service, port, ipv4: ipv4)
                    guard endpoints.count > 1 else { continue }
                    var likenesses: [EndpointLikeness] = []
                    var distinct: [(address: IPAddress, port: UInt16)] = []
                    for endpoint in endpoints {
                        let likeness = likeness(endpoint.address, endpoint.port)
                        if likenesses.contains(likeness) { continue }
                        likenesses.append(likeness)
                        distinct.append(endpoint)
                    }
                    if distinct.count > 1 {
                        mixed.append(
                            Port(
                                service: service, port: port, address: address, endpoints: distinct,
                                likenesses: likenesses))
                    }
                }
            }
        }
        return mixed
    }

    private mutating func likeness(_ address: IPAddress, _ port: UInt16) -> EndpointLikeness {
        var likeness = EndpointLikeness(kind: inventory.kindAt[address], port: port)
        for identity in review.identities(at: address) {
            switch identity {
            case .pods(_, _, let named): likeness.ports += named
            case .block, .nodes, .guarded: likeness.others.append(identity)
            case .service, .ownNode: break
            }
        }
        return likeness
    }
}
