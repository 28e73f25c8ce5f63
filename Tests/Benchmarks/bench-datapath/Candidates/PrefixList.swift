import PolicyModel

/// The CIDRs that pods may connect to: the first so many entries of one long list.
///
/// Each lies in a /24 of its own of 16.0.0.0/4, scattered over it, so that a longer list is a deeper
/// trie; lengths of 24, 26, 28 and 32 bits alternate, as real lists mix them.
enum PrefixList {
    /// How many there are.
    static let count = 1 << 20

    static func entry(_ index: Int) -> Prefix {
        Prefix(address(index), length: 96 + [32, 28, 26, 24][index % 4])
    }

    /// The first address of an entry.
    static func address(_ index: Int) -> IPAddress {
        // An odd factor makes every index another block.
        let block = UInt32(truncatingIfNeeded: index &* 2_654_435_761) & 0xf_ffff
        return IPAddress(ipv4: 0x1000_0000 | block << 8)
    }
}
