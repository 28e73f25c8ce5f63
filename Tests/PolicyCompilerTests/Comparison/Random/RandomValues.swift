import PolicyModel
import TestHarness

/// Small alphabets, so that overlaps happen all the time.
enum Alphabet {
    static let namespaces = ["n1", "n2", "n3"]
    static let keys = ["a", "b", "c"]
    static let values = ["x", "y", ""]
    static let portNames = ["web", "dns"]
    static let ports: [UInt16] = [
        1, 53, 79, 80, 81, 82, 443, 987, 1023, 1024, 8080, 2379, 10250, 32767, 32768, 65534, 65535,
    ]
    static let protocols = TransportProtocol.allCases

    static let podAddresses =
        (0..<14).map { IPAddress(ipv4: 0x0a00_0000 + $0) }
        + [IPAddress(ipv4: 0x0a00_00ff), IPAddress(ipv4: 0x0a00_0100)]
        + (0..<8).map { IPAddress(high: 0xfd00 << 48, low: $0) }
    static let outside = [
        "192.0.2.1", "255.255.255.255", "0.0.0.0", "9.255.255.255", "11.0.0.0",
        "2001:db8::1", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1:0:0", "::fffe:ffff:ffff",
    ].compactMap { IPAddress($0) }
    static let guarded = [
        "169.254.169.254", "169.254.170.2", "168.63.129.16", "169.254.169.252",
        "fd00:ec2::254", "fe80::a9fe:a9fe", "100.100.100.200",
    ].compactMap { IPAddress($0) }
    static let serviceAddresses = ["10.0.0.9", "10.0.1.1", "10.96.0.1", "10.96.0.2", "fd00::7", "fd00:1::1"]
        .compactMap { IPAddress($0) }

    /// What NAT64 and 6to4 make of IPv4 addresses.
    static func translated(_ address: IPAddress) -> [IPAddress] {
        guard let ipv4 = address.ipv4 else { return [] }
        return [
            IPAddress(high: 0x0064_ff9b_0000_0000, low: UInt64(ipv4)),
            IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16, low: 0),
            IPAddress(high: 0x2002 << 48 | UInt64(ipv4) << 16 | 0xffff, low: .max),
        ]
    }

    static let nodeAddresses = ["192.0.2.1", "192.0.2.7", "192.0.2.8", "10.0.0.5", "2001:db8::1", "fd00::5"]
        .compactMap { IPAddress($0) }

    static let domains = ["one.x", "two.x", "a.one.x", "b.one.x", "a.b.one.x", "a.two.x", "ne.x"].compactMap {
        DomainName($0)
    }
    /// Those and some that no policy names.
    static let names = domains + ["c.one.x", "c.a.one.x", "aone.x", "one.x.y"].compactMap { DomainName($0) }

    static let everyAddress =
        podAddresses + outside + guarded + serviceAddresses + nodeAddresses
        + (guarded + nodeAddresses).flatMap(translated)
}

extension SplitMix64 {
    mutating func labels() -> Labels {
        var labels: Labels = [:]
        for key in some(Alphabet.keys) { labels[key] = pick(Alphabet.values) }
        return labels
    }

    mutating func selector(namespaces: Bool = false) -> LabelSelector {
        LabelSelector(
            list(oneIn(4) ? 0...3 : 0...1) { random in
                let operation = random.pick(LabelSelector.Requirement.Operator.allCases)
                let byName = namespaces && random.oneIn(3)
                let values = byName ? Alphabet.namespaces : Alphabet.values
                return LabelSelector.Requirement(
                    key: byName ? "kubernetes.io/metadata.name" : random.pick(Alphabet.keys),
                    operator: operation,
                    values: operation == .in || operation == .notIn ? random.list(1...2) { $0.pick(values) } : [])
            })
    }

    mutating func namedPort() -> NamedPort {
        NamedPort(
            name: pick(Alphabet.portNames), protocol: pick(Alphabet.protocols),
            number: pick([53, 80, 81, 8080]))
    }

    /// A block about one of the addresses that matter, of any length.
    mutating func prefix() -> Prefix {
        let address = pick(Alphabet.everyAddress)
        let base = address.isIPv4 ? 96 : 0
        let lengths =
            address.isIPv4
            ? [0, 0, 1, 8, 16, 24, 27, 28, 29, 30, 31, 32, 32]
            : [0, 0, 1, 7, 16, 32, 48, 64, 80, 95, 96, 112, 120, 124, 126, 127, 128, 128]
        return Prefix(address, length: base + pick(lengths))
    }

    mutating func block() -> IPBlock {
        var prefix = prefix()
        // ::ffff:0:0/96 and longer are IPv4 to the model; an IPv6 block of that
        // spelling cannot be told apart from it.
        if prefix.length == 128 && oneIn(2) { prefix = self.prefix() }
        guard prefix.length < 128, !oneIn(3) else { return IPBlock(prefix) }
        let inside = Alphabet.everyAddress.filter { oracleContains(prefix, $0) }
        let holes = list(0...3) { random -> Prefix in
            let address = inside.isEmpty ? prefix.address : random.pick(inside)
            return Prefix(
                address, length: random.pick([prefix.length + 1, random.number(prefix.length + 1...128), 128]))
        }
        return IPBlock(prefix, except: holes.filter { $0.isIPv4 == prefix.isIPv4 })
    }

    mutating func policyPort() -> PolicyPort {
        let number: PolicyPort.Number
        switch self.number(0...9) {
        case 0: number = .any
        case 1, 2: number = .named(pick(Alphabet.portNames))
        case 3: number = .range(1...65535)
        case 4...6:
            let port = pick(Alphabet.ports)
            number = .range(port...port)
        default:
            let (one, other) = (pick(Alphabet.ports), pick(Alphabet.ports))
            number = .range(min(one, other)...max(one, other))
        }
        return PolicyPort(pick(Alphabet.protocols), number)
    }

    /// - Parameter named: whether it may name domains, which tier Baseline may not.
    mutating func clusterRule(_ index: Int, named: Bool) -> TierPolicyRule {
        let action = pick(TierPolicyRule.Action.allCases)
        return TierPolicyRule(
            .egress, index: index, name: oneIn(2) ? "r\(index)" : "", action: action,
            peers: action == .deny && oneIn(12)
                ? nil
                : list(1...3) { random in
                    switch random.number(0...6) {
                    case 0...2:
                        .pods(PodSelection(namespaces: random.selector(namespaces: true), pods: random.selector()))
                    case 3...4 where named && action == .accept && random.oneIn(2):
                        .domains(Set(random.list(1...3) { $0.pattern() }).sorted())
                    case 3...4: .nodes(random.selector())
                    default: .network(random.prefix())
                    }
                },
            ports: oneIn(2) ? nil : list(1...3) { $0.policyPort() })
    }

    mutating func pattern() -> DomainPattern {
        let name = pick(Alphabet.domains)
        return oneIn(2) ? .exact(name) : .below(name)
    }

    mutating func rule(_ index: Int) -> PolicyRule {
        PolicyRule(
            .egress, index: index,
            peers: oneIn(6)
                ? nil
                : list(1...3) { random in
                    if random.oneIn(2) { return .block(random.block()) }
                    return .pods(
                        in: random.oneIn(2) ? .own : .matching(random.selector(namespaces: true)),
                        random.selector())
                },
            ports: oneIn(3) ? nil : list(1...4) { $0.policyPort() })
    }
}
