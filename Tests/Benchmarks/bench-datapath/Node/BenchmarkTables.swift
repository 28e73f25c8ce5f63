import PolicyModel
import VerdictTables

/// The tables of one isolated pod that may speak TCP and UDP to so many prefixes.
struct BenchmarkTables {
    static let client = IPAddress(ipv4: 0x0a00_0001)
    /// Amid the long list, so that the way to it in a trie is as long as to any.
    static let server = IPAddress(ipv4: 0x0a46_0302)
    /// No prefix covers it.
    static let denied = IPAddress(ipv4: 0xac10_0001)
    static let port: UInt16 = 7000

    static let policySet = PolicySetID(rawValue: 100)
    static let peers = AddressClassID(rawValue: 200)
    static let ports = PortSetID(rawValue: 300)
    private static let cause = CauseID(rawValue: 400)

    /// The address of single-address prefix `index`, all over 10.64.0.0/10.
    static func address(_ index: Int) -> IPAddress {
        // An odd factor makes every index below 2^22 another address.
        IPAddress(ipv4: 0x0a40_0000 | UInt32(truncatingIfNeeded: index &* 2_654_435_761) & 0x3f_ffff)
    }

    static func tables(prefixes: Int, pods: [CgroupID]) -> VerdictTables {
        var tables = VerdictTables()
        tables.addresses[Prefix(host: server)] = peers
        // Covers what a short list leaves out, so that first packets are allowed in both.
        tables.addresses[Prefix(address(0), length: 96 + 10)] = peers
        var index = 0
        while tables.addresses.count < prefixes {
            tables.addresses[Prefix(host: address(index))] = peers
            index += 1
        }
        tables.rules[RuleKey(policySet, .other)] = .always(Decision(.deny, cause))
        tables.rules[RuleKey(policySet, peers)] = .byPort(ports, otherwise: cause)
        tables.rules[RuleKey(.guardsOnly, .other)] = .always(Decision(.allow, cause))
        for number: UInt8 in [6, 17] {
            tables.ports[PortKey(ports, PortPrefix(protocol: number))] = Decision(.allow, cause)
        }
        for pod in pods {
            tables.pods[pod] = PodEntry(policySet: policySet, flags: .isolated, ownIPv4: client)
        }
        return tables
    }
}
