import PolicyModel

/// From single addresses to blocks, no wider than permitted.
struct Aggregation {
    private let widest4: Int
    private let widest6: Int
    private let many: Int
    /// A block that holds one of these would open more than what was seen outside.
    private let inCluster: Set<IPAddress>

    init(_ options: PolicyGenerator.Options, inCluster: Set<IPAddress>) {
        widest4 = 96 + min(32, max(0, options.widestIPv4))
        widest6 = min(128, max(0, options.widestIPv6))
        many = max(2, options.manyAddresses)
        self.inCluster = inCluster
    }

    func permits(_ prefix: Prefix) -> Bool { prefix.length >= widest(prefix) }

    /// Addresses of which many lie in one block of the widest permitted length are
    /// written as the narrowest block that holds them; the others stay as they are.
    func blocks(of seen: [Prefix: Evidence]) -> [IPBlock: Evidence] {
        let buckets = Dictionary(grouping: seen.keys) { prefix in
            Bucket(
                network: prefix.privateNetwork,
                prefix: Prefix(prefix.address, length: min(prefix.length, widest(prefix))))
        }
        var blocks: [IPBlock: Evidence] = [:]
        for prefixes in buckets.values {
            let joined = prefixes.count >= many ? joined(prefixes.sorted()) : nil
            for prefix in prefixes {
                blocks[joined ?? IPBlock(prefix), default: Evidence()].add(seen[prefix] ?? Evidence())
            }
        }
        return blocks
    }

    /// What is private is not joined with what is public.
    private struct Bucket: Hashable {
        var network: Prefix?
        var prefix: Prefix
    }

    /// Nil if no block that is permitted holds all, and nothing of the cluster.
    private func joined(_ sorted: [Prefix]) -> IPBlock? {
        let common = sorted.reduce(sorted[0]) { both, next in
            Prefix(
                both.address,
                length: min(both.length, next.length, both.address.commonPrefixLength(with: next.address)))
        }
        guard permits(common) else { return nil }
        let mayBePrivate = sorted.contains { !$0.innerPrivateNetworks.isEmpty }
        let block = IPBlock(common, except: mayBePrivate ? [] : common.innerPrivateNetworks)
        return inCluster.contains(where: block.contains) ? nil : block
    }

    private func widest(_ prefix: Prefix) -> Int { prefix.isIPv4 ? widest4 : widest6 }
}

extension Prefix {
    /// Networks that are not the internet's (RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291).
    private static let privateNetworks = [
        "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",
        "fe80::/10",
    ].compactMap { Prefix($0) }

    /// The private network that it is part of.
    fileprivate var privateNetwork: Prefix? { Self.privateNetworks.first { $0.contains(self) } }

    /// The private networks that are part of it.
    fileprivate var innerPrivateNetworks: [Prefix] {
        Self.privateNetworks.filter { contains($0) && $0 != self }
    }
}
