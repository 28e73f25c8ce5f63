package import PolicyModel

/// The addresses of a network namespace's interfaces, as the kernel lists them. Pure: text in,
/// addresses out. Loopback's are left out.
package enum LocalAddresses {
    /// Reads `/proc/PID/net/fib_trie`: a leaf's address on a line of its own (`|-- 10.0.0.5`), then a
    /// line for each route to it. An interface's address is a route of type LOCAL to this one address
    /// (`/32 host LOCAL`). Wider LOCAL routes lead packets in (TPROXY) and are nobody's address.
    /// C: `fib_trie_seq_show` in net/ipv4/fib_trie.c.
    package static func ipv4(fibTrie text: String) -> Set<IPAddress> {
        var found: Set<IPAddress> = []
        var leaf: IPAddress?
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 && words[0] == "|--" {
                leaf = IPAddress(String(words[1]))
            } else if words.first == "/32" && words.contains("LOCAL"), let leaf, !leaf.isLoopback {
                found.insert(leaf)
            }
        }
        return found
    }

    /// Reads `/proc/PID/net/if_inet6`: 32 hexadecimal digits, then the interface's number, the prefix's
    /// length, the scope, flags, and the interface's name. C: `if6_seq_show` in net/ipv6/addrconf.c.
    package static func ipv6(ifInet6 text: String) -> Set<IPAddress> {
        var found: Set<IPAddress> = []
        for line in text.split(separator: "\n") {
            guard let digits = line.split(separator: " ").first, digits.utf8.count == 32,
                let high = UInt64(digits.prefix(16), radix: 16),
                let low = UInt64(digits.suffix(16), radix: 16)
            else { continue }
            let address = IPAddress(high: high, low: low)
            if !address.isLoopback { found.insert(address) }
        }
        return found
    }
}
