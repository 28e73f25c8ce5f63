import Agent
import Flows
import FoundationEssentials
import KubernetesClient
import PolicyModel
import Testing
import VerdictTables

@Suite struct ClusterEventTests {
    func event(pod: String = "web", message: String = "m", count: Int = 1) -> ClusterEvent {
        ClusterEvent(
            about: .pod(NamespacedName("shop", pod), uid: "u"), identity: 0xab, .warning, reason: "EgressDenied",
            message: message, count: count, first: 0, last: 1_700_000_000, node: "n1")
    }

    @Test("an Event looks as core/v1 has it")
    func json() throws {
        let request = try EventWrite(event(), isNew: true).request(patience: .seconds(3))
        #expect(request.method == .post && request.path == "/api/v1/namespaces/shop/events")
        #expect(request.body?.contentType == "application/json" && request.patience == .seconds(3))
        #expect(
            request.text == """
                {"apiVersion":"v1","count":1,"firstTimestamp":"1970-01-01T00:00:00Z",\
                "involvedObject":{"apiVersion":"v1","kind":"Pod","name":"web","namespace":"shop","uid":"u"},\
                "kind":"Event","lastTimestamp":"2023-11-14T22:13:20Z","message":"m",\
                "metadata":{"name":"web.00000000000000ab","namespace":"shop"},"reason":"EgressDenied",\
                "reportingComponent":"sluice.dev/agent","reportingInstance":"n1",\
                "source":{"component":"sluice","host":"n1"},"type":"Warning"}
                """)
    }

    @Test("repeats change the count and the time and nothing else")
    func patch() throws {
        let request = try EventWrite(event(count: 7), isNew: false).request(patience: .seconds(3))
        #expect(request.method == .patch && request.path == "/api/v1/namespaces/shop/events/web.00000000000000ab")
        #expect(request.body?.contentType == "application/merge-patch+json")
        #expect(request.text == #"{"count":7,"lastTimestamp":"2023-11-14T22:13:20Z"}"#)
    }

    @Test("a name stays one that the API server takes, however long the pod's")
    func names() {
        let long = event(pod: String(repeating: "a", count: 230) + "-.-.-." + String(repeating: "b", count: 17))
        let name = long.metadata.name
        #expect(name.utf8.count == 230 + 17 && name.hasSuffix("aaa.00000000000000ab"))
        let full = event(pod: String(repeating: "a", count: 253)).metadata.name
        #expect(full.utf8.count == 253)
    }

    @Test("a message is one line of at most 1024 bytes; a count fits the server's integer")
    func bounds() {
        #expect(event(message: "a\nb\r\nc").message == "a b c")
        let long = event(message: String(repeating: "ä", count: 5000)).message
        #expect(long.utf8.count <= 1024 && long.utf8.count > 1000 && long.hasSuffix("ä…"))
        #expect(event(count: 1 << 40).count == Int(Int32.max))
    }

    func denial(_ verdict: FlowVerdict, guarded: Bool = false, _ cause: Cause? = nil) -> Denial? {
        Denial(
            Flow(
                time: FlowTime(nanoseconds: 0), verdict: verdict,
                source: FlowEnd(namespace: "shop", pod: "web"), destination: FlowEnd(address: IPAddress("::")),
                transport: FlowTransport(protocolNumber: 17, destinationPort: 53), reason: cause?.reason ?? "",
                guarded: guarded), uid: "u")
    }

    @Test("verdicts become reasons, in the words of the log")
    func reasons() throws {
        let denied = try #require(denial(.denied, .isolated(by: [NamespacedName("shop", "out")])))
        #expect(denied.reason == .egressDenied)
        #expect(
            denied.message
                == "egress to [::]:53 UDP denied: isolated by policy shop/out; none of its rules allows it")
        let guarded = try #require(denial(.denied, guarded: true, .guarded("imds")))
        #expect(guarded.reason == .metadataDenied && guarded.message.contains("denied: guarded: imds is"))
        #expect(denial(.audit)?.reason == .egressAudited)
        #expect(denial(.audit, guarded: true)?.message.contains("would be denied, but passes") == true)
        #expect(denial(.allowed) == nil && denial(.held) == nil)
        var aggregator = EventAggregator(node: "n")
        let audited = aggregator.add(try #require(denial(.audit)), at: .now)
        #expect(audited?.event.type == .normal)
    }
}
