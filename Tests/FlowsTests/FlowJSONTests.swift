import Flows
import Foundation
import PolicyModel
import Testing

@Suite("Flows as JSON")
struct FlowJSONTests {
    static let flow = Flow(
        time: FlowTime("2026-11-21T14:38:16.000000012Z")!, verdict: .denied, count: 3, node: "node-1",
        source: FlowEnd(
            address: IPAddress("10.244.0.11"), namespace: "shop", pod: "web-6d4cf56db6-x2x7p",
            labels: ["app": "web", "tier": ""], workload: Workload(kind: "Deployment", name: "web")),
        destination: FlowEnd(
            address: IPAddress("10.244.0.13"), namespace: "shop", pod: "db-0", labels: ["tier": "db"],
            workload: Workload(kind: "StatefulSet", name: "db"),
            namedPorts: [NamedPort(name: "sql", protocol: .tcp, number: 5432)]),
        transport: FlowTransport(protocolNumber: 6, sourcePort: 40_000, destinationPort: 5432),
        destinationKind: .pod, destinationNames: ["db.shop"], service: NamespacedName("shop", "db"),
        policy: FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: nil),
        reason: "isolated by policy shop/web; none of its rules allows it", hook: .connect,
        process: Flow.Process(pid: 4711, name: "psql"))

    @Test("what is written reads back, whatever the protocol and verdict")
    func roundTrip() throws {
        for verdict in FlowVerdict.allCases {
            for number: UInt8 in [6, 17, 132, 1, 58, 47] {
                var flow = Self.flow
                flow.verdict = verdict
                flow.transport = FlowTransport(protocolNumber: number, destinationPort: 0)
                let bytes = try JSONEncoder().encode(flow)
                #expect(try JSONDecoder().decode(Flow.self, from: bytes) == flow)
            }
        }
    }

    @Test("fields are named as in Hubble's flow")
    func names() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(Self.flow), as: UTF8.self)
        for part in [
            #""IP":{"destination":"10.244.0.13","ipVersion":"IPv4","source":"10.244.0.11"}"#,
            #""l4":{"TCP":{"destination_port":5432,"source_port":40000}}"#,
            #""labels":["k8s:app=web","k8s:tier="],"namespace":"shop","pod_name":"web-6d4cf56db6-x2x7p","#,
            #""workloads":[{"kind":"Deployment","name":"web"}]"#,
            #""egress_denied_by":[{"kind":"NetworkPolicy","name":"web","namespace":"shop"}]"#,
            #""destination_service":{"name":"db","namespace":"shop"}"#,
            #""time":"2026-11-21T14:38:16.000000012Z""#, #""verdict":"DENIED""#, #""node_name":"node-1""#,
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test("times are read to the nanosecond, in any zone")
    func times() {
        #expect(FlowTime("1970-01-01T00:00:01.5Z")?.nanoseconds == 1_500_000_000)
        #expect(FlowTime("1970-01-01T01:00:01.0000000019+01:00")?.nanoseconds == 1_000_000_001)
        #expect(FlowTime("yesterday") == nil)
        #expect(FlowTime("2554-07-21T23:34:33.709551615Z")?.nanoseconds == .max)
        #expect(FlowTime("2554-07-21T23:34:33.709551616Z") == nil)
        #expect(FlowTime("9999-12-31T23:59:59Z") == nil)
        #expect(FlowTime("1969-12-31T23:59:59Z") == nil)
        for text in [
            "2000-02-29T23:59:59.999999999Z", "2026-11-21T00:00:00.000000000Z", "1970-01-01T00:00:00.000000000Z",
        ] {
            #expect(FlowTime(text)?.description == text)
        }
    }
}
