import Flows
import Learning
import ManifestSource
import PolicyModel
import Testing

@Suite("Recorded flows under other policies")
struct ReplayTests {
    static let db = FlowParty(
        namespace: "shop", labels: ["app": "db"], workload: Workload(kind: "StatefulSet", name: "db"))

    func read(_ yaml: String) throws -> [ClusterObject] {
        var store = ManifestStore()
        store.update(file: "a.yaml", contents: Array(yaml.utf8))
        try #require(store.diagnostics.isEmpty, "\(store.diagnostics)")
        return store.drainChanges().compactMap { if case .set(let object) = $0 { object } else { nil } }
    }

    func policy(_ rules: String) throws -> [ClusterObject] {
        try read(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: web, namespace: shop}
            spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: \(rules)}
            """)
    }

    func record(
        to target: FlowTarget, at addresses: String..., port: UInt16 = 5432, verdict: FlowVerdict = .allowed,
        last: String = "2026-11-21T17:00:00Z"
    ) -> FlowRecord {
        var record = PolicyGeneratorTests.record(to: target, port: port, verdict: verdict)
        record.seen.last = FlowTime(last)!
        record.seen.examples = addresses.map { FlowRecord.Example(pod: "web-1", address: IPAddress($0)!) }
        if case .pods = target { return record }
        for address in addresses { record.seen.addresses.add(IPAddress(address)!) }
        return record
    }

    func allowed(
        _ records: [FlowRecord], _ candidates: [ClusterObject], cluster: RecordedCluster = RecordedCluster(),
        objects: [ClusterObject] = []
    ) throws -> [Bool] {
        try Replay(records, cluster: cluster, objects: objects).outcomes(under: candidates).map(\.allowed)
    }

    @Test("pods are known by their labels, ports by their names")
    func pods() throws {
        let record = record(to: .pods(Self.db, portNames: ["sql"]), at: "10.0.0.2")
        for (rules, expected) in [
            ("[]", false), ("[{to: [{podSelector: {matchLabels: {app: db}}}]}]", true),
            ("[{to: [{podSelector: {matchLabels: {app: web}}}]}]", false),
            ("[{to: [{podSelector: {}}], ports: [{port: sql}]}]", true),
            ("[{to: [{podSelector: {}}], ports: [{port: other}]}]", false),
            ("[{to: [{ipBlock: {cidr: 10.0.0.0/24}}]}]", true),
        ] {
            #expect(try allowed([record], policy(rules)) == [expected], "\(rules)")
        }
        #expect(try allowed([record], []) == [true], "what nothing isolates may go anywhere")
    }

    @Test("namespaces have the labels that were recorded")
    func namespaces() throws {
        let other = FlowParty(namespace: "bank", labels: ["app": "db"])
        let record = record(to: .pods(other, portNames: []), at: "10.0.0.2")
        let rules = "[{to: [{namespaceSelector: {matchLabels: {team: gold}}}]}]"
        let cluster = RecordedCluster(namespaces: ["bank": ["team": "gold"]])
        #expect(try allowed([record], policy(rules), cluster: cluster) == [true])
        #expect(try allowed([record], policy(rules)) == [false])
    }

    @Test("one address that two kinds of pods had in turn does not lend one the other's permission")
    func reusedAddresses() throws {
        let old = record(
            to: .pods(FlowParty(namespace: "shop", labels: ["app": "old"]), portNames: []), at: "10.0.0.2",
            last: "2026-11-20T00:00:00Z")
        let new = record(to: .pods(Self.db, portNames: []), at: "10.0.0.2")
        let rules = "[{to: [{podSelector: {matchLabels: {app: db}}}]}]"
        let outcomes = try Replay([old, new], cluster: RecordedCluster()).outcomes(under: policy(rules))
        #expect(outcomes.first { $0.record == new }?.allowed == true)
        #expect(outcomes.first { $0.record == old }?.allowed == false)
    }

    @Test("a service is allowed with what is behind it, as recorded or as the objects have it")
    func services() throws {
        let key = NamespacedName("shop", "db")
        let record = record(to: .service(key), at: "10.96.0.20", port: 443)
        let way = RecordedService.Way(
            protocol: .tcp, port: 443, address: IPAddress("10.0.0.2")!, targetPort: 5432, pods: Self.db)
        let cluster = RecordedCluster(
            services: [RecordedService(key, addresses: [IPAddress("10.96.0.20")!], ways: [way])])
        let good = try policy("[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}]")
        #expect(try allowed([record], good, cluster: cluster) == [true])
        #expect(
            try allowed([record], policy("[{to: [{podSelector: {}}], ports: [{port: 443}]}]"), cluster: cluster) == [
                false
            ])
        let objects = try read(
            """
            {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
             spec: {clusterIP: 10.96.0.20, selector: {app: other}, ports: [{port: 443, targetPort: 5432}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: other, namespace: shop, labels: {app: other}}, status: {podIP: 10.0.0.3}}
            """)
        #expect(try allowed([record], good, cluster: cluster, objects: objects) == [false])
    }

    @Test("every address of a record is asked about")
    func everyAddress() throws {
        let record = record(to: .external, at: "203.0.113.1", "203.0.113.2")
        #expect(try allowed([record], policy("[{to: [{ipBlock: {cidr: 203.0.113.0/30}}]}]")) == [true])
        #expect(try allowed([record], policy("[{to: [{ipBlock: {cidr: 203.0.113.1/32}}]}]")) == [false])
        #expect(try allowed([record], policy("[{to: [{ipBlock: {cidr: 203.0.113.2/32}}]}]")) == [false])
    }

    @Test("what was denied and would pass is told")
    func deniedAndAllowed() throws {
        let record = record(to: .external, at: "203.0.113.1", verdict: .denied)
        #expect(try allowed([record], policy("[{}]")) == [true])
        #expect(try allowed([record], policy("[]")) == [false])
    }
}
