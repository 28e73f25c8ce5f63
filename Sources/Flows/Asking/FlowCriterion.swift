public import PolicyModel

/// One thing asked of a flow; as a flag of `sluice observe` it is `--kind text`.
public enum FlowCriterion: Hashable, Sendable {
    case verdict(FlowVerdict)
    case fromPod(ObjectPattern)
    /// Of either end.
    case namespace(NamePattern)
    /// Of either end.
    case workload(WorkloadPattern)
    case toIP(Prefix)
    case toPod(ObjectPattern)
    case toService(ObjectPattern)
    case toFQDN(DomainNamePattern)
    case toPort(ClosedRange<UInt16>)
    /// By IANA number; ICMP is that of both families.
    case `protocol`(Set<UInt8>)
    case process(NamePattern)
    case guarded(Bool)

    public enum Kind: String, Hashable, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
        case verdict
        case fromPod = "from-pod"
        case namespace, workload
        case toIP = "to-ip"
        case toPod = "to-pod"
        case toService = "to-service"
        case toFQDN = "to-fqdn"
        case toPort = "to-port"
        case `protocol`, process, guarded
    }

    public func matches(_ flow: Flow) -> Bool {
        switch self {
        case .verdict(let verdict): flow.verdict == verdict
        case .fromPod(let pattern): pattern.matches(flow.source.key)
        case .namespace(let pattern):
            [flow.source.namespace, flow.destination.namespace, flow.service?.namespace ?? ""]
                .contains { !$0.isEmpty && pattern.matches($0) }
        case .workload(let pattern):
            pattern.matches(flow.source.workload) || pattern.matches(flow.destination.workload)
        case .toIP(let prefix): flow.destination.address.map(prefix.contains) ?? false
        case .toPod(let pattern): pattern.matches(flow.destination.key)
        case .toService(let pattern): pattern.matches(flow.service)
        case .toFQDN(let pattern): flow.domainNames.contains(where: pattern.matches)
        case .toPort(let range):
            flow.transport.protocol != nil && range.contains(flow.transport.destinationPort)
        case .protocol(let numbers): numbers.contains(flow.transport.protocolNumber)
        case .process(let pattern): flow.process.map { pattern.matches($0.name) } ?? false
        case .guarded(let guarded): flow.guarded == guarded
        }
    }

    public var kind: Kind {
        switch self {
        case .verdict: .verdict
        case .fromPod: .fromPod
        case .namespace: .namespace
        case .workload: .workload
        case .toIP: .toIP
        case .toPod: .toPod
        case .toService: .toService
        case .toFQDN: .toFQDN
        case .toPort: .toPort
        case .protocol: .protocol
        case .process: .process
        case .guarded: .guarded
        }
    }
}
