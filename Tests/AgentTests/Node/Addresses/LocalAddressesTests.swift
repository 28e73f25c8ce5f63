import Agent
import PolicyModel
import Testing

@Suite struct LocalAddressesTests {
    static func addresses(_ texts: String...) -> Set<IPAddress> { Set(texts.compactMap { IPAddress($0) }) }

    /// From Linux 6.18, with a TPROXY rule's table as istio-init makes it.
    static let fibTrie = """
        Id 133:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 host LOCAL
        Main:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 universe UNICAST
             +-- 10.244.0.0/24 2 0 2
                |-- 10.244.0.1
                   /32 link UNICAST
                |-- 10.244.0.7
                   /32 host LOCAL
        Local:
          +-- 0.0.0.0/0 3 0 5
             +-- 127.0.0.0/8 2 0 2
                |-- 127.0.0.0
                   /8 host LOCAL
                |-- 127.0.0.1
                   /32 host LOCAL
             |-- 192.168.7.9
                /32 host LOCAL
             |-- 192.168.7.255
                /32 link BROADCAST
        """

    @Test("A4: an interface's addresses are read, and no route's, broadcast's or loopback's")
    func ipv4() {
        let found = LocalAddresses.ipv4(fibTrie: Self.fibTrie)
        #expect(found == Self.addresses("10.244.0.7", "192.168.7.9"))
    }

    @Test("A4: IPv6 addresses are read, those that an interface gave itself included")
    func ipv6() {
        let text = """
            fd000000000000000000000000000002 04 40 00 82     eth0
            00000000000000000000000000000001 01 80 10 80       lo
            fe8000000000000000fc00fffe000001 04 40 20 80     eth0
            """
        #expect(LocalAddresses.ipv6(ifInet6: text) == Self.addresses("fd00::2", "fe80::fc:ff:fe00:1"))
    }

    @Test("A4: what is no such list has no addresses", arguments: ["", "\n", "|-- ", "|-- x\n/32 host LOCAL", "zz 1"])
    func malformed(_ text: String) {
        #expect(LocalAddresses.ipv4(fibTrie: text).isEmpty)
        #expect(LocalAddresses.ipv6(ifInet6: text).isEmpty)
    }
}
