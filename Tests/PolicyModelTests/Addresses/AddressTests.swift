import PolicyModel
import Testing

@Suite struct AddressTests {
    @Test(
        "addresses are read as RFC 4291 writes them",
        arguments: [
            ("10.0.0.1", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd00:0:0:0:0:0:0:1", "fd00::1"),
            ("FD00::A", "fd00::a"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:10.0.0.1", "10.0.0.1"),
            ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ])
    func reads(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(address.description) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "text that is no address is refused",
        arguments: [
            "", "10", "10.0.0", "10.0.0.0.1", "10.0.0.256", "010.0.0.1", "10.0.0.-1", "10.0.0.1 ", "+1.0.0.0",
            ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "fe80::1%eth0",
            "1:2:3:4:5:6:7:8::", "::10.0.0", "10.0.0.1::", "1.2.3.4:80", "١.0.0.1",
        ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "prefixes are read",
        arguments: [
            ("10.1.2.3/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("10.0.0.1/32", "10.0.0.1/32"),
            ("::/0", "::/0"), ("fd00::1/8", "fd00::/8"), ("fd00::1/128", "fd00::1/128"),
            ("2001:db8:1:2:3::/65", "2001:db8:1:2::/65"),
        ])
    func readsPrefixes(text: String, canonical: String) throws {
        let prefix = try #require(Prefix(text))
        #expect(prefix.description == canonical)
        #expect(Prefix(prefix.description) == prefix)
    }

    @Test(
        "text that is no prefix is refused",
        arguments: [
            "", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
            "10.0.0.0/8/8", "::/129", "::/1280", "x/8", "10.0.0.0/8 ", "10.0.0.0/٨",
        ])
    func refusesPrefixes(text: String) {
        #expect(Prefix(text) == nil)
    }

    @Test(
        "a prefix contains its addresses",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "fd00::1", false),
            ("::/0", "fd00::1", true), ("::/0", "8.8.8.8", false), ("fd00::/8", "fd12::1", true),
            ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.1/32", "10.0.0.2", false),
        ])
    func containsAddresses(block: String, address: String, expected: Bool) throws {
        #expect(try #require(Prefix(block)).contains(try #require(IPAddress(address))) == expected)
    }

    @Test(
        "a prefix contains longer ones within it",
        arguments: [
            ("10.0.0.0/8", "10.1.0.0/16", true), ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.1.0.0/16", "10.0.0.0/8", false), ("::/0", "10.0.0.0/8", false), ("::/0", "fd00::/8", true),
        ])
    func containsPrefixes(outer: String, inner: String, expected: Bool) throws {
        #expect(try #require(Prefix(outer)).contains(try #require(Prefix(inner))) == expected)
    }
}
