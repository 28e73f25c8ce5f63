import PolicyModel

/// What cannot be read, and how to write it.
public struct UnreadableCriterion: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
}

extension FlowCriterion {
    /// - Parameters:
    ///   - kind: what of a flow it is about.
    ///   - text: as a user writes it after the flag of that name.
    public init(_ kind: Kind, _ text: String) throws(UnreadableCriterion) {
        guard let criterion = Self.read(kind, text) else {
            throw UnreadableCriterion(
                description: "--\(kind.rawValue) \(text.isEmpty ? "''" : text): write \(kind.syntax)")
        }
        self = criterion
    }

    private static func read(_ kind: Kind, _ text: String) -> FlowCriterion? {
        guard !text.isEmpty else { return nil }
        return switch kind {
        case .verdict: FlowVerdict(rawValue: text.uppercased()).map(FlowCriterion.verdict)
        case .fromPod: ObjectPattern(text).map(FlowCriterion.fromPod)
        case .namespace: .namespace(NamePattern(text))
        case .workload: WorkloadPattern(text).map(FlowCriterion.workload)
        case .toIP: (Prefix(text) ?? IPAddress(text).map(Prefix.init(host:))).map(FlowCriterion.toIP)
        case .toPod: ObjectPattern(text).map(FlowCriterion.toPod)
        case .toService: ObjectPattern(text).map(FlowCriterion.toService)
        case .toFQDN: DomainNamePattern(text).map(FlowCriterion.toFQDN)
        case .toPort: ports(text).map(FlowCriterion.toPort)
        case .protocol: protocols(text).map(FlowCriterion.protocol)
        case .process: .process(NamePattern(text))
        case .guarded: Bool(text).map(FlowCriterion.guarded)
        }
    }

    private static func ports(_ text: String) -> ClosedRange<UInt16>? {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.first?.isNumber == true }), let first = UInt16(parts[0]),
            let last = UInt16(parts[parts.count - 1]), first <= last
        else { return nil }
        return first...last
    }

    private static func protocols(_ text: String) -> Set<UInt8>? {
        let name = text.uppercased()
        if let known = TransportProtocol(name: name) { return [known.rawValue] }
        if name == "ICMP" { return icmp }
        return UInt8(text).map { [$0] }
    }

    private static let icmp: Set<UInt8> = [1, 58]

    /// As a user writes it after the flag of its kind.
    public var text: String {
        switch self {
        case .verdict(let verdict): verdict.rawValue
        case .fromPod(let pattern), .toPod(let pattern), .toService(let pattern): "\(pattern)"
        case .namespace(let pattern), .process(let pattern): "\(pattern)"
        case .workload(let pattern): "\(pattern)"
        case .toIP(let prefix): "\(prefix)"
        case .toFQDN(let pattern): "\(pattern)"
        case .toPort(let range):
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        case .protocol(Self.icmp): "ICMP"
        case .protocol(let numbers):
            numbers.first.map { TransportProtocol(rawValue: $0)?.name ?? "\($0)" } ?? ""
        case .guarded(let guarded): "\(guarded)"
        }
    }
}

extension FlowCriterion.Kind {
    fileprivate var syntax: String {
        switch self {
        case .verdict: "one of " + FlowVerdict.allCases.map(\.rawValue).joined(separator: ", ")
        case .fromPod, .toPod: "namespace/pod, or pod; either may end in *, for instance shop/web-*"
        case .toService: "namespace/service, or service; either may end in *"
        case .namespace: "a namespace; it may end in *"
        case .workload: "a workload, for instance web or Deployment/web; either may end in *"
        case .toIP: "an address or a CIDR block, for instance 10.0.0.0/8"
        case .toFQDN: "a domain name, or *. and a domain for all names below it"
        case .toPort: "a port or a range, for instance 443 or 8000-8100"
        case .protocol: "TCP, UDP, SCTP, ICMP, or a protocol's number"
        case .process: "a process's name; it may end in *"
        case .guarded: "true or false"
        }
    }
}
