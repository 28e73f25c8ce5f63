import Flows
import Foundation
import PolicyModel
import Testing

@Suite("Flows added up")
struct FlowRecordTests {
    /// From a replica of web to a replica of db.
    static func flow(
        pod: String = "web-1", to address: String = "10.0.0.2", port: UInt16 = 5432, at second: UInt64 = 1,
        kind: Flow.Kind = .pod, verdict: FlowVerdict = .allowed, source: String = "web"
    ) -> Flow {
        Flow(
            time: FlowTime(nanoseconds: second * 1_000_000_000), verdict: verdict,
            source: FlowEnd(
                namespace: "shop", pod: pod, labels: ["app": source, "pod-template-hash": pod],
                workload: Workload(kind: "Deployment", name: source)),
            destination: kind == .pod
                ? FlowEnd(
                    address: IPAddress(address), namespace: "shop", pod: "db-\(address)",
                    labels: ["app": "db", "statefulset.kubernetes.io/pod-name": "db-\(address)"],
                    workload: Workload(kind: "StatefulSet", name: "db"),
                    namedPorts: [
                        NamedPort(name: "sql", protocol: .tcp, number: 5432),
                        NamedPort(name: "other", protocol: .tcp, number: 1),
                    ])
                : FlowEnd(address: IPAddress(address)),
            transport: FlowTransport(protocolNumber: 6, destinationPort: port), destinationKind: kind)
    }

    @Test("replicas on both sides add up to one record, with the names of its port")
    func replicasAddUp() throws {
        var records = FlowRecords(limit: 10)
        for number in 1...9 {
            records.add(Self.flow(pod: "web-\(number)", to: "10.0.0.\(number)", at: UInt64(number)))
        }
        let record = try #require(records.unsorted.first)
        #expect(records.count == 1 && record.seen.count == 9)
        #expect(record.seen.first.nanoseconds == 1_000_000_000 && record.seen.last.nanoseconds == 9_000_000_000)
        #expect(record.key.source.labels == ["app": "web"])
        let party = FlowParty(
            namespace: "shop", labels: ["app": "db"], workload: Workload(kind: "StatefulSet", name: "db"))
        #expect(record.key.target == .pods(party, portNames: ["sql"]))
        #expect(record.seen.examples.map(\.pod) == ["web-9", "web-8", "web-7", "web-6"])
        #expect(record.seen.addresses.counts.isEmpty)
    }

    @Test("what differs for a policy is recorded apart")
    func differencesAreKept() {
        var records = FlowRecords(limit: 10)
        for flow in [
            Self.flow(), Self.flow(port: 80), Self.flow(verdict: .denied), Self.flow(source: "api"),
            Self.flow(to: "192.0.2.1", kind: .external), Self.flow(to: "192.0.2.2", kind: .external),
            Self.flow(to: "192.0.2.3", kind: .node),
        ] { records.add(flow) }
        #expect(records.count == 6)
    }

    @Test(
        "destinations outside go by the names that the pod was told, whatever their order, and with all their addresses"
    )
    func domainNames() throws {
        var records = FlowRecords(limit: 10)
        for (address, names) in [
            ("203.0.113.1", ["b.example", "a.example", "203.0.113.0/24"]), ("203.0.113.2", ["a.example", "b.example"]),
            ("203.0.113.3", ["203.0.113.0/24"]),
        ] {
            var flow = Self.flow(to: address, kind: .external)
            flow.destinationNames = names
            records.add(flow)
        }
        let named = try #require(records.unsorted.first { $0.key.target != .external })
        #expect(records.count == 2)
        #expect(named.key.target == .domains([DomainName("a.example")!, DomainName("b.example")!]))
        #expect(named.seen.addresses.addresses.map(\.description) == ["203.0.113.1", "203.0.113.2"])
        #expect(named.targetText == "a.example, b.example")
        let bytes = try JSONEncoder().encode(named)
        #expect(try JSONDecoder().decode(FlowRecord.self, from: bytes) == named)
    }

    @Test("a guarded endpoint is itself under whatever name it was asked for")
    func metadataUnderNames() {
        var flow = Self.flow(to: "169.254.169.254", kind: .metadata)
        flow.destinationNames = ["imds"]
        flow.addDomainNames(["rebound.example"])
        #expect(flow.destinationNames == ["imds", "rebound.example"] && FlowTarget(flow) == .metadata("imds"))
        flow = Self.flow(to: "203.0.113.1", kind: .external)
        flow.destinationNames = ["203.0.113.0/24"]
        flow.addDomainNames(["a.example", "b.example"])
        #expect(flow.destinationNames == ["a.example", "b.example", "203.0.113.0/24"])
    }

    @Test("flows of nobody, of the host's network and held ones are not recorded")
    func whatIsNotRecorded() {
        var records = FlowRecords(limit: 10)
        var nobody = Self.flow()
        nobody.source = FlowEnd(cgroup: 7)
        var host = Self.flow()
        host.source.hostNetwork = true
        var nowhere = Self.flow()
        nowhere.destination.address = nil
        for flow in [nobody, host, nowhere, Self.flow(verdict: .held)] { records.add(flow) }
        #expect(records.unsorted.isEmpty)
    }

    @Test("the least recently seen make room, and are counted")
    func oldestMakeRoom() {
        var records = FlowRecords(limit: 100)
        for port: UInt16 in 1...1000 {
            records.add(Self.flow(port: port, at: UInt64(port)))
            #expect(records.count <= 100)
        }
        #expect(records.count > 80 && records.forgotten == 1000 - UInt64(records.count))
        let kept = records.unsorted.map(\.key.port)
        #expect(kept.min() == 1001 - UInt16(records.count) && kept.contains(1000))
    }

    @Test("a pod that tries every port does not push out what is known of others")
    func scannersPushOutThemselves() {
        var records = FlowRecords(limit: 100)
        for number in 1...20 { records.add(Self.flow(at: 1, source: "app\(number)")) }
        for port: UInt16 in 1...5000 {
            records.add(Self.flow(port: port, at: 100, verdict: .denied, source: "scanner"))
        }
        let others = records.unsorted.filter { $0.key.source.labels["app"] != "scanner" }
        #expect(others.count == 20 && records.count <= 100)
    }

    @Test("records are JSON that reads back the same")
    func roundTrip() throws {
        var records = FlowRecords(limit: 100)
        for kind in Flow.Kind.allCases {
            for verdict in [FlowVerdict.allowed, .denied, .audit] {
                var flow = Self.flow(to: "2001:db8::1", kind: kind, verdict: verdict)
                flow.guarded = verdict == .denied
                if kind == .service { flow.service = NamespacedName("shop", "db") }
                if kind == .metadata || kind == .node { flow.destinationNames = ["imds"] }
                records.add(flow)
            }
        }
        #expect(records.count == 15)
        for record in records.unsorted {
            let bytes = try JSONEncoder().encode(record)
            #expect(try JSONDecoder().decode(FlowRecord.self, from: bytes) == record)
        }
    }
}

@Suite("Counts by address")
struct AddressTallyTests {
    @Test("addresses are counted one by one while they are few")
    func few() {
        var tally = AddressTally()
        for number in 0..<64 as Range<UInt32> { tally.add(IPAddress(ipv4: 0x0102_0000 + number << 8), 2) }
        #expect(tally.addresses.count == 64 && tally.counts.values.allSatisfy { $0 == 2 })
    }

    @Test("many addresses are counted by shorter prefixes, none is lost, and the number stays bounded")
    func many() {
        var tally = AddressTally()
        for number in 0..<10_000 as Range<UInt32> {
            tally.add(IPAddress(ipv4: number &* 2_654_435_761))
            #expect(tally.counts.count <= AddressTally.capacity)
        }
        tally.add(IPAddress("2001:db8::1")!)
        #expect(tally.counts.values.reduce(0, +) == 10_001)
        #expect(tally.addresses == [IPAddress("2001:db8::1")!])
    }

    @Test("one neighbourhood widens to its block and no further")
    func oneBlock() {
        var tally = AddressTally()
        for number in 0..<200 as Range<UInt32> { tally.add(IPAddress(ipv4: 0xcb00_7100 + number)) }
        #expect(tally.counts == [Prefix("203.0.113.0/24")!: 200])
        var six = AddressTally()
        for number in 0..<200 as Range<UInt64> { six.add(IPAddress(high: 0x2001_0db8 << 32, low: number)) }
        #expect(six.counts == [Prefix("2001:db8::/64")!: 200])
    }

    @Test("what was widened stays so when it is read back and merged")
    func widenedStays() {
        var tally = AddressTally([(Prefix("203.0.113.0/24")!, UInt64(100))])
        tally.add(IPAddress("203.0.113.7")!)
        #expect(tally.counts == [Prefix("203.0.113.0/24")!: 101])
        var other = AddressTally()
        other.add(IPAddress("198.51.100.1")!)
        other.merge(tally)
        #expect(other.counts == [Prefix("203.0.113.0/24")!: 101, Prefix("198.51.100.0/24")!: 1])
    }
}
