extension IPAddress {
    /// Whether it is one of the public Internet's, which an answer from outside may hold:
    /// none of IANA's special-purpose addresses (RFC 6890) and no multicast. NAT64
    /// (64:ff9b::/96, RFC 6052, 2.1) and 6to4 (2002::/16, RFC 3056, 2) are as public as
    /// what they lead to; of the rest 2000::/3 is all of IPv6 that is given out.
    ///
    /// Networks for documentation count as public. `is_public` in bpf/src/dns_policy.h says
    /// the same.
    public var isPublic: Bool {
        if let ipv4 { return Self.isPublic(ipv4) }
        if high == 0x0064_ff9b_0000_0000 && low >> 32 == 0 { return Self.isPublic(UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return Self.isPublic(UInt32(truncatingIfNeeded: high >> 16)) }
        return high >> 61 == 1
    }

    private static func isPublic(_ ipv4: UInt32) -> Bool {
        !special.contains { ipv4 >> (32 - $0.bits) == $0.network >> (32 - $0.bits) }
    }

    private static let special: [(network: UInt32, bits: UInt32)] = [
        (0x0000_0000, 8),  // 0.0.0.0/8, this network (RFC 791)
        (0x0a00_0000, 8),  // 10.0.0.0/8 (RFC 1918)
        (0x6440_0000, 10),  // 100.64.0.0/10, shared (RFC 6598)
        (0x7f00_0000, 8),  // 127.0.0.0/8, loopback (RFC 1122)
        (0xa9fe_0000, 16),  // 169.254.0.0/16, link-local (RFC 3927)
        (0xac10_0000, 12),  // 172.16.0.0/12 (RFC 1918)
        (0xc000_0000, 24),  // 192.0.0.0/24, protocol assignments (RFC 6890)
        (0xc0a8_0000, 16),  // 192.168.0.0/16 (RFC 1918)
        (0xc612_0000, 15),  // 198.18.0.0/15, benchmarks (RFC 2544)
        (0xe000_0000, 3),  // 224.0.0.0/3, multicast and reserved (RFC 5771, RFC 1112)
    ]
}
