import PolicyModel
import Testing

@Suite("Domain names and what patterns of them mean")
struct DomainNameTests {
    @Test(
        "case and the final dot tell no names apart",
        arguments: ["Example.COM", "example.com.", "EXAMPLE.com.", "example.com"])
    func same(_ text: String) {
        #expect(DomainName(text)?.description == "example.com")
        #expect(DomainPattern(text) == .exact(DomainName("example.com")!))
        #expect(DomainPattern("*." + text) == .below(DomainName("example.com")!))
    }

    private static let label = String(repeating: "a", count: 63)
    private static let long = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")

    @Test(
        "the API takes these",
        arguments: [
            "example.com", "a.b", "xn--bcher-kva.example", "_sip._tcp.example.com", "a-b.c_d.example", "1.2.3.4",
            "*.example.com", "*.a.b.c.example.com.", "_.example.com", label + ".com", long,
        ])
    func taken(_ text: String) {
        #expect(DomainPattern(text) != nil)
    }

    @Test(
        "and not these",
        arguments: [
            "", ".", "com", "localhost", "*", "*.", "*.com", "*example.com", "a.*.com", "*.*.example.com",
            "**.example.com",
            "example..com", ".example.com", "example.com..", "-a.example", "a-.example", "a_.example", "ex ample.com",
            "bücher.example", "example.com:443", "https://example.com", "a/b.example", "[a].example", label + "a.com",
            long + "b", "example.com\0", "\u{212A}.example",
        ])
    func refused(_ text: String) {
        #expect(DomainPattern(text) == nil)
    }

    @Test("a name is matched whole")
    func exact() throws {
        let pattern = try #require(DomainPattern("example.com"))
        #expect(pattern.matches(DomainName("EXAMPLE.com.")!))
        for name in ["www.example.com", "myexample.com", "example.com.evil.org", "com", "xample.com"] {
            #expect(!pattern.matches(DomainName(name)!), "\(name)")
        }
    }

    @Test("a wildcard means one or more whole labels, never the domain itself")
    func below() throws {
        let pattern = try #require(DomainPattern("*.example.com"))
        for name in ["www.example.com", "a.b.c.example.com", "_x.example.com"] {
            #expect(pattern.matches(DomainName(name)!), "\(name)")
        }
        for name in ["example.com", "wwwexample.com", "my-example.com", "www.example.com.evil.org", "www.example.org"] {
            #expect(!pattern.matches(DomainName(name)!), "\(name)")
        }
    }

    @Test("a pattern covers what means no other names")
    func covers() throws {
        func covers(_ one: String, _ other: String) -> Bool { DomainPattern(one)!.covers(DomainPattern(other)!) }
        #expect(covers("*.example.com", "a.example.com") && covers("*.example.com", "*.a.example.com"))
        #expect(covers("*.example.com", "*.example.com") && covers("a.example.com", "a.example.com"))
        #expect(!covers("*.example.com", "example.com") && !covers("*.a.example.com", "*.example.com"))
        #expect(!covers("a.example.com", "*.a.example.com") && !covers("example.com", "*.example.com"))
        #expect(!covers("*.example.com", "*.ample.com"))
    }
}
