import Flows
import Learning
import ManifestSource
import PolicyCompiler
import PolicyModel
import Testing

@Suite("Domain names that were seen")
struct DomainNameTests {
    func record(
        _ source: FlowParty = PolicyGeneratorTests.web, _ names: String..., port: UInt16 = 443,
        verdict: FlowVerdict = .allowed, at addresses: [String] = ["203.0.113.7"]
    ) -> FlowRecord {
        let target: FlowTarget = names.isEmpty ? .external : .domains(names.map { DomainName($0)! })
        var record = PolicyGeneratorTests.record(source, to: target, port: port, verdict: verdict, addresses: addresses)
        record.seen.examples = addresses.compactMap { IPAddress($0) }.map { .init(pod: "web-1", address: $0) }
        return record
    }

    func lesson(_ records: [FlowRecord], names: Bool = true) -> PolicyGenerator.LearningResult {
        var options = PolicyGenerator.Options()
        options.domainNames = names
        return PolicyGenerator(records, cluster: RecordedCluster(), options: options).lesson()
    }

    func text(_ records: FlowRecord..., names: Bool = true) -> String {
        lesson(records, names: names).policies.map(\.yaml).joined(separator: "---\n")
    }

    func read(_ yaml: String) throws -> [ClusterObject] {
        var store = ManifestStore()
        store.update(file: "a.yaml", contents: Array(yaml.utf8))
        try #require(store.diagnostics.isEmpty, "\(store.diagnostics)\n\(yaml)")
        return store.drainChanges().compactMap { if case .set(let object) = $0 { object } else { nil } }
    }

    @Test("a ClusterNetworkPolicy accepts them, and the NetworkPolicy keeps the pods from the rest")
    func wholePolicy() {
        #expect(
            text(record(PolicyGeneratorTests.web, "api.example.com", "cdn.example.com")) == """
                # What NetworkPolicy shop/web-egress has no words for; it keeps the pods from the rest. Tier Admin,
                # as no other opens what a NetworkPolicy isolates.
                apiVersion: policy.networking.k8s.io/v1alpha2
                kind: ClusterNetworkPolicy
                metadata:
                  name: shop.web-egress
                spec:
                  tier: Admin
                  priority: 1000
                  subject:
                    pods:
                      namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: shop
                      podSelector:
                        matchLabels:
                          app: web
                  egress:
                  - action: Accept
                    to:
                    - domainNames:
                      - api.example.com  # seen 12 times, last 2026-11-21T17:00:00Z
                      - cdn.example.com  # seen 12 times, last 2026-11-21T17:00:00Z
                    protocols:
                    - tcp:
                        destinationPort:
                          number: 443  # HTTPS
                ---
                # Deployment web: learned from what was seen between 2026-11-20T08:00:00Z and 2026-11-21T17:00:00Z.
                # The rest is denied.
                # The domain names are in ClusterNetworkPolicy shop.web-egress: they belong together.
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata:
                  name: web-egress
                  namespace: shop
                spec:
                  podSelector:
                    matchLabels:
                      app: web
                  policyTypes:
                  - Egress
                  egress: []

                """)
    }

    @Test("what is known by name is in no rule for addresses, unless addresses are asked for")
    func instead() {
        let records = [record(PolicyGeneratorTests.web, "api.example.com"), record(at: ["198.51.100.7"])]
        let named = text(records[0], records[1])
        #expect(named.contains("198.51.100.7/32") && !named.contains("203.0.113.7"), "\(named)")
        let addresses = text(records[0], records[1], names: false)
        #expect(addresses.contains("198.51.100.7/32") && addresses.contains("203.0.113.7/32"), "\(addresses)")
        #expect(!addresses.contains("domainNames"))
    }

    @Test("an address that the same pods were once told a name for goes by the name, at each port")
    func namelessFlows() {
        let nameless = record(port: 8443)
        let known = text(record(PolicyGeneratorTests.web, "api.example.com"), nameless)
        #expect(known.contains("number: 8443") && !known.contains("ipBlock"), "\(known)")
        // What others were told is nothing to these.
        let others = text(record(PolicyGeneratorTests.api, "api.example.com"), nameless)
        #expect(!others.contains("number: 8443") && others.contains("203.0.113.7/32"), "\(others)")
    }

    @Test("addresses that a name does not open, and names that no rule can have, stay addresses")
    func noRuleForNames() {
        let text = text(
            record(PolicyGeneratorTests.web, "rebound.example.com", at: ["10.1.2.3", "203.0.113.7"]),
            record(PolicyGeneratorTests.web, "localdomain", at: ["198.51.100.7"]))
        for part in ["10.1.2.3/32", "198.51.100.7/32", "- rebound.example.com"] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(!text.contains("203.0.113.7") && !text.contains("localdomain"), "\(text)")
    }

    @Test("guarded and denied destinations are no more a rule under a name than without")
    func refused() {
        let guarded = record(PolicyGeneratorTests.web, "imds.example.com", port: 80, at: ["169.254.169.254"])
        let lesson = lesson([guarded, record(PolicyGeneratorTests.web, "api.example.com", verdict: .denied)])
        #expect(lesson.policies.isEmpty && lesson.omissions.count == 2)
        #expect(lesson.warnings.contains { $0.contains("shop/web to api.example.com 443/TCP") }, "\(lesson.warnings)")
    }

    @Test("a name with more addresses than are kept needs no block of them")
    func manyAddresses() {
        let lesson = lesson([record(PolicyGeneratorTests.web, "cdn.example.com", at: ["203.0.0.0/16"])])
        #expect(lesson.omissions.isEmpty && lesson.policies.first?.yaml.contains("- cdn.example.com") == true)
        let nameless = [
            record(at: ["203.0.0.0/16"]), record(PolicyGeneratorTests.web, "api.example.com", at: ["203.0.0.0"]),
        ]
        #expect(self.lesson(nameless).omissions.count == 1, "a block is not what its first address is")
    }

    @Test("lists are no longer than the API server takes, and no two policies have one priority")
    func limits() throws {
        let many = (0..<700).map { record(PolicyGeneratorTests.web, "n\($0).example.com") }
        let ports =
            (0..<30).map { record(PolicyGeneratorTests.api, "x.example.com", port: 1000 + $0) }
            + (0..<30).map { record(PolicyGeneratorTests.api, "y\($0).example.com", port: 2000 + $0) }
        let objects = try read(lesson(many + ports).policies.map(\.yaml).joined(separator: "---\n"))
        let policies = objects.compactMap { if case .clusterNetworkPolicy(let policy) = $0 { policy } else { nil } }
        #expect(policies.map(\.name).sorted() == ["shop.api-egress", "shop.api-egress-2", "shop.web-egress"])
        #expect(Set(policies.map(\.priority)) == [998, 999, 1000])
        let lists = policies.flatMap(\.rules).flatMap { $0.peers ?? [] }.map { peer in
            if case .domains(let patterns) = peer { patterns.count } else { 0 }
        }
        // The thirty ports of one name are in two rules.
        #expect(lists.reduce(0, +) == 732 && lists.allSatisfy { $0 > 0 })
    }

    @Test("recorded flows are asked about again with the names that were told")
    func replay() throws {
        let records = [record(PolicyGeneratorTests.web, "api.example.com"), record(port: 80)]
        func allowed(_ records: [FlowRecord], _ yaml: String) throws -> [Bool] {
            try Replay(records, cluster: RecordedCluster()).outcomes(under: read(yaml)).map(\.allowed)
        }
        let learned = text(records[0], records[1])
        #expect(try allowed(records, learned) == [true, true])
        #expect(try allowed(records, learned.replacing("api.example", with: "other.example")) == [false, false])
        #expect(try allowed([records[1]], learned) == [false], "nobody told the pod of it")
        #expect(
            try allowed([record(PolicyGeneratorTests.web, "api.example.com", at: ["10.1.2.3"])], learned) == [false])
        let wildcard = learned.replacing("- api.example.com", with: "- \"*.example.com\"")
        #expect(try allowed(records, wildcard) == [true, true])
    }
}
