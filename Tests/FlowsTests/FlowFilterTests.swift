import Flows
import Foundation
import PolicyModel
import Testing

@Suite("What a filter wants")
struct FlowFilterTests {
    static let flow = someFlow { $0.service = NamespacedName("shop", "db-headless") }

    static let met: [(FlowCriterion.Kind, String)] = [
        (.verdict, "DENIED"), (.verdict, "denied"), (.fromPod, "shop/web-6d4cf56db6-x2x7p"), (.fromPod, "shop/web-*"),
        (.fromPod, "web-*"), (.fromPod, "sh*/*"), (.namespace, "shop"), (.namespace, "sh*"), (.workload, "web"),
        (.workload, "Deployment/web"), (.workload, "db"), (.toIP, "10.244.0.13"), (.toIP, "10.0.0.0/8"),
        (.toPod, "shop/db-0"), (.toPod, "db-*"), (.toService, "shop/db-headless"), (.toService, "db-*"),
        (.toPort, "5432"), (.toPort, "5000-6000"), (.protocol, "tcp"), (.protocol, "6"), (.process, "psql"),
        (.process, "ps*"), (.guarded, "false"),
    ]

    @Test("each criterion is met by what it names", arguments: met)
    func isMet(_ kind: FlowCriterion.Kind, _ text: String) throws {
        #expect(try FlowCriterion(kind, text).matches(Self.flow))
    }

    static let missed: [(FlowCriterion.Kind, String)] = [
        (.verdict, "ALLOWED"), (.fromPod, "shop/web"), (.fromPod, "other/web-*"), (.fromPod, "shop/db-0"),
        (.namespace, "sho"), (.workload, "we"), (.workload, "StatefulSet/web"), (.toIP, "10.244.0.12"),
        (.toIP, "::/0"), (.toPod, "shop/web-*"), (.toService, "db"), (.toPort, "5433"), (.toPort, "1-5431"),
        (.protocol, "UDP"), (.protocol, "icmp"), (.process, "psq"), (.guarded, "true"),
    ]

    @Test("and not by anything else", arguments: missed)
    func isMissed(_ kind: FlowCriterion.Kind, _ text: String) throws {
        #expect(try !FlowCriterion(kind, text).matches(Self.flow))
    }

    @Test("a domain name is met whole, and below a domain by any number of labels")
    func domainNames() throws {
        let flow = someFlow {
            $0.destinationKind = .external
            $0.destinationNames = ["api.eu.example.com", "10.0.0.0/8"]
        }
        for text in ["api.eu.example.com", "API.EU.Example.Com.", "*.eu.example.com", "*.example.com", "*.com"] {
            #expect(try FlowCriterion(.toFQDN, text).matches(flow), "\(text)")
        }
        for text in ["eu.example.com", "*.api.eu.example.com", "*.u.example.com", "10.0.0.0", "com"] {
            #expect(try !FlowCriterion(.toFQDN, text).matches(flow), "\(text)")
        }
        let node = someFlow {
            $0.destinationKind = .node
            $0.destinationNames = ["node-1", "node-1.example.com"]
        }
        #expect(try !FlowCriterion(.toFQDN, "node-1").matches(node))
        #expect(try FlowCriterion(.toFQDN, "node-1.example.com").matches(node))
        #expect(try FlowCriterion(.toFQDN, "*.Example.com").text == "*.example.com")
    }

    @Test("what is not known meets nothing")
    func unknown() throws {
        let bare = Flow(
            time: FlowTime(nanoseconds: 0), verdict: .held, source: FlowEnd(cgroup: 7), destination: FlowEnd(),
            transport: FlowTransport(protocolNumber: 47, destinationPort: 0))
        for (kind, text): (FlowCriterion.Kind, String) in [
            (.fromPod, "*"), (.namespace, "*"), (.workload, "*"), (.toIP, "0.0.0.0/0"), (.toIP, "::/0"), (.toPod, "*"),
            (.toService, "*"), (.toPort, "0-65535"), (.process, "*"),
        ] {
            #expect(try !FlowCriterion(kind, text).matches(bare), "\(kind)")
        }
        #expect(try FlowCriterion(.protocol, "47").matches(bare))
    }

    @Test(
        "what cannot be read says what to write",
        arguments: [
            (.verdict, "maybe"), (.fromPod, "a/b/c"), (.fromPod, "/b"), (.fromPod, ""), (.toIP, "10.0.0.0/33"),
            (.toIP, "example.org"), (.toFQDN, "*"), (.toFQDN, "a*.example.org"),
            (.toPort, "65536"), (.toPort, "9-8"), (.toPort, "-1"), (.toPort, "http"),
            (.toPort, "+80"), (.protocol, "QUIC"), (.protocol, "256"), (.guarded, "yes"), (.process, ""),
            (.namespace, ""),
        ] as [(FlowCriterion.Kind, String)])
    func unreadable(_ kind: FlowCriterion.Kind, _ text: String) {
        #expect { try FlowCriterion(kind, text) } throws: { error in
            "\(error)".hasPrefix("--\(kind.rawValue) \(text.isEmpty ? "''" : text): write ")
        }
    }

    @Test("what is written reads back", arguments: met + missed)
    func roundTrip(_ kind: FlowCriterion.Kind, _ text: String) throws {
        let criterion = try FlowCriterion(kind, text)
        #expect(try FlowCriterion(kind, criterion.text) == criterion)
        let filter = FlowFilter(wanted: [criterion], unwanted: [criterion], since: FlowTime(nanoseconds: 5))
        #expect(try JSONDecoder().decode(FlowFilter.self, from: JSONEncoder().encode(filter)) == filter)
    }

    @Test("of one kind any is enough, of different kinds all are needed, and none that is unwanted")
    func combining() throws {
        let port = try FlowCriterion(.toPort, "5432")
        let other = try FlowCriterion(.toPort, "80")
        let denied = FlowCriterion.verdict(.denied)
        let allowed = FlowCriterion.verdict(.allowed)
        for (wanted, unwanted, matches): ([FlowCriterion], [FlowCriterion], Bool) in [
            ([], [], true), ([port], [], true), ([port, other], [], true), ([other], [], false),
            ([port, denied], [], true), ([port, allowed], [], false), ([port, allowed, denied], [], true),
            ([], [other], true), ([], [port], false), ([], [other, port], false), ([], [other, allowed], true),
            ([port], [denied], false), ([denied], [other], true), ([port], [port], false),
        ] {
            #expect(
                FlowFilter(wanted: wanted, unwanted: unwanted).matches(Self.flow) == matches, "\(wanted) \(unwanted)")
        }
    }

    @Test("nothing from before the time that is given")
    func since() {
        let time = Self.flow.time.nanoseconds
        #expect(FlowFilter(since: FlowTime(nanoseconds: time)).matches(Self.flow))
        #expect(!FlowFilter(since: FlowTime(nanoseconds: time + 1)).matches(Self.flow))
    }
}
