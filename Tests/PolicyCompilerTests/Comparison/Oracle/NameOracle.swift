import PolicyModel
import VerdictTables

/// Domain names, as the text of ClusterNetworkPolicy and docs/names.md word them.
extension Oracle {
    /// - Parameter names: what the pod was told the address for.
    func judge(
        _ source: Pod, to address: IPAddress, protocol number: UInt8, port: UInt16, names: [DomainName]
    ) -> Action {
        let base = judge(source, to: address, protocol: number, port: port)
        // A name only ever adds, and leads to no service.
        if base == .allow || base == .allowGuarded || isService(address, number, port) { return base }
        let isGuarded = base == .guard || base == .audit
        for name in names {
            let place = TierOracle.Place(
                address: address, port: port, number: number, name: name,
                isPrivate: isGuarded || oracleIsPrivate(address))
            switch tiers.action(.admin, of: source, to: [place]) {
            case .accept: return isGuarded ? .allowGuarded : .allow
            case .deny: continue
            case .pass, nil: break
            }
            // Guards and NetworkPolicies come before tier Baseline.
            if isGuarded || isIsolated(source) { continue }
            if tiers.action(.baseline, of: source, to: [place]) == .accept { return .allow }
        }
        return base
    }
}

/// Label by label, from the last one.
func oracleMeans(_ pattern: DomainPattern, _ name: DomainName) -> Bool {
    func labels(_ name: DomainName) -> [Substring] { name.description.split(separator: ".").reversed() }
    switch pattern {
    case .exact(let own): return labels(own) == labels(name)
    case .below(let domain):
        let wanted = labels(domain), given = labels(name)
        return given.count > wanted.count && zip(wanted, given).allSatisfy(==)
    }
}

func oracleIsPrivate(_ address: IPAddress) -> Bool {
    let blocks = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/3", "4000::/2", "8000::/1",
    ].compactMap { Prefix($0) }
    var forms = [address]
    if oracleContains(Prefix("64:ff9b::/96")!, address) {
        forms = [IPAddress(ipv4: UInt32(truncatingIfNeeded: address.low))]
    }
    if oracleContains(Prefix("2002::/16")!, address) {
        forms = [IPAddress(ipv4: UInt32(truncatingIfNeeded: address.high >> 16))]
    }
    return blocks.contains { block in forms.contains { oracleContains(block, $0) } }
}
