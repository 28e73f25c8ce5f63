import Flows
import Learning
import ManifestSource
import PolicyModel
import Testing

@Suite("Policies that a person would write")
struct PolicyGeneratorTests {
    static let web = FlowParty(
        namespace: "shop", labels: ["app": "web", "pod-template-hash": "6d4c", "app.kubernetes.io/version": "2"],
        workload: Workload(kind: "Deployment", name: "web"))
    static let api = FlowParty(
        namespace: "shop", labels: ["app": "api"], workload: Workload(kind: "Deployment", name: "api"))

    static func record(
        _ source: FlowParty = web, to target: FlowTarget, port: UInt16 = 443, protocol number: UInt8 = 6,
        verdict: FlowVerdict = .allowed, guarded: Bool = false, count: UInt64 = 12, addresses: [String] = []
    ) -> FlowRecord {
        let blocks = addresses.map { (Prefix($0) ?? Prefix(host: IPAddress($0)!), count) }
        return FlowRecord(
            FlowRecord.Key(
                source: source, target: target, protocolNumber: number, port: port, verdict: verdict, guarded: guarded),
            FlowRecord.Sightings(
                count: count, first: FlowTime("2026-11-20T08:00:00Z")!, last: FlowTime("2026-11-21T17:00:00Z")!,
                addresses: AddressTally(blocks),
                examples: [FlowRecord.Example(pod: "web-1", address: IPAddress("192.0.2.1")!)]))
    }

    func lesson(
        _ records: FlowRecord..., cluster: RecordedCluster = RecordedCluster(), objects: [ClusterObject] = [],
        options: PolicyGenerator.Options = PolicyGenerator.Options()
    ) -> PolicyGenerator.LearningResult {
        PolicyGenerator(records, cluster: cluster, objects: objects, options: options).lesson()
    }

    func yaml(_ lesson: PolicyGenerator.LearningResult) -> String {
        lesson.policies.map(\.yaml).joined(separator: "---\n")
    }

    @Test("a policy as a whole")
    func wholePolicy() {
        let lesson = lesson(
            Self.record(to: .pods(Self.api, portNames: ["http"]), port: 8080),
            Self.record(
                to: .service(NamespacedName("kube-system", "kube-dns")), port: 53, protocol: 17,
                addresses: ["10.96.0.10"]),
            Self.record(
                to: .pods(FlowParty(namespace: "bank", labels: ["k8s-app": "ledger", "x": "y"]), portNames: []),
                port: 5432,
                count: 1),
            Self.record(to: .external, addresses: ["198.51.100.7"]),
            Self.record(
                to: .metadata("imds"), port: 80, verdict: .denied, guarded: true, addresses: ["169.254.169.254"]))
        #expect(
            yaml(lesson) == """
                # Deployment web: learned from what was seen between 2026-11-20T08:00:00Z and 2026-11-21T17:00:00Z.
                # The rest is denied.
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
                  egress:
                  # The cluster's DNS: seen 12 times, last 2026-11-21T17:00:00Z.
                  - to:
                    - namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: kube-system
                      podSelector:
                        matchLabels:
                          k8s-app: kube-dns
                    ports:
                    - protocol: TCP
                      port: 53  # DNS
                    - protocol: UDP
                      port: 53  # DNS
                  # Deployment api: seen 12 times, last 2026-11-21T17:00:00Z.
                  - to:
                    - podSelector:
                        matchLabels:
                          app: api
                    ports:
                    - protocol: TCP
                      port: http  # 8080
                  # Pods with k8s-app=ledger,x=y: seen once, last 2026-11-21T17:00:00Z.
                  - to:
                    - namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: bank
                      podSelector:
                        matchLabels:
                          k8s-app: ledger
                    ports:
                    - protocol: TCP
                      port: 5432  # PostgreSQL
                  - to:
                    # Seen 12 times, last 2026-11-21T17:00:00Z.
                    - ipBlock:
                        cidr: "198.51.100.7/32"
                    ports:
                    - protocol: TCP
                      port: 443  # HTTPS
                  # Not allowed, but seen:
                  # - metadata imds 80/TCP: guarded, and no NetworkPolicy opens a guard; if it is needed, ask for a
                  #   ClusterNetworkPolicy of tier Admin: seen 12 times, last 2026-11-21T17:00:00Z, DENIED.

                """)
    }

    @Test("the same whatever the records' order")
    func deterministic() {
        // Of one name, and told apart by their kinds and labels alone.
        let twins = ["a", "b"].map {
            FlowParty(namespace: "shop", labels: ["app": $0], workload: Workload(kind: "Kind\($0)", name: "twin"))
        }
        let records = ([80, 443, 5432] as [UInt16]).flatMap { port in
            ([Self.web, Self.api] + twins).flatMap { source in
                [
                    Self.record(source, to: .external, port: port, addresses: ["198.51.100.7", "198.51.100.9"]),
                    Self.record(source, to: .pods(Self.api, portNames: []), port: port),
                ]
            }
        }
        let first = PolicyGenerator(records, cluster: RecordedCluster()).lesson()
        for _ in 0..<10 {
            #expect(PolicyGenerator(records.shuffled(), cluster: RecordedCluster()).lesson().policies == first.policies)
        }
    }

    @Test("selectors are as small as tells workloads apart, without labels that releases change")
    func selectors() {
        func party(_ name: String, _ labels: Labels) -> FlowParty {
            FlowParty(namespace: "shop", labels: labels, workload: Workload(kind: "Deployment", name: name))
        }
        let name = "app.kubernetes.io/name"
        let text = yaml(
            lesson(
                Self.record(
                    party("one", [name: "x", "app.kubernetes.io/instance": "a", "zone": "1", "version": "7"]),
                    to: .external, addresses: ["192.0.2.1"]),
                Self.record(
                    party("two", [name: "x", "app.kubernetes.io/instance": "b", "zone": "1"]), to: .external,
                    addresses: ["192.0.2.1"]),
                Self.record(
                    party("three", [name: "y", "zone": "1", "version": "8"]), to: .external, addresses: ["192.0.2.1"]),
                Self.record(
                    party("three", [name: "y", "zone": "2", "version": "9"]), to: .external, addresses: ["192.0.2.1"])))
        let selectors = text.split(separator: "---\n").map { document in
            document.split(separator: "\n").drop { !$0.hasPrefix("  podSelector") }.dropFirst(2)
                .prefix { $0.hasPrefix("      ") }.map { String($0.drop { $0 == " " }) }
        }
        #expect(
            selectors == [
                ["app.kubernetes.io/instance: a"], ["\(name): \"y\""], ["app.kubernetes.io/instance: b"],
            ], "\(text)")
    }

    @Test("pods that labels cannot tell apart share a policy; one that is selected as well is named")
    func sharedLabels() {
        func party(_ name: String, _ labels: Labels) -> FlowParty {
            FlowParty(namespace: "shop", labels: labels, workload: Workload(kind: "Deployment", name: name))
        }
        let policies = lesson(
            Self.record(party("one", ["app": "x", "version": "1"]), to: .external, addresses: ["192.0.2.1"]),
            Self.record(party("two", ["app": "x", "version": "2"]), to: .external, addresses: ["192.0.2.2"]),
            Self.record(party("more", ["app": "x", "canary": "yes"]), to: .external, addresses: ["192.0.2.3"])
        ).policies
        #expect(policies.map(\.key.name) == ["more-egress", "one-egress"])
        #expect(policies[1].yaml.hasPrefix("# Deployment one, Deployment two: "))
        #expect(policies[1].yaml.contains("# The selector selects these as well: Deployment more.\n"))
        #expect(policies[0].yaml.contains("canary: \"yes\""))
    }

    @Test("pods without labels get no policy, and that is said")
    func unlabelled() {
        let lesson = lesson(
            Self.record(FlowParty(namespace: "shop", labels: [:]), to: .external, addresses: ["192.0.2.1"]))
        #expect(lesson.policies.isEmpty && lesson.omissions.count == 1)
        #expect(lesson.warnings.first?.contains("have no labels that a policy could select them by") == true)
    }

    @Test("a service becomes its pods and their port, by the name they have for it")
    func services() {
        let key = NamespacedName("shop", "db")
        func way(_ app: String, _ target: UInt16, _ names: [String]) -> RecordedService.Way {
            RecordedService.Way(
                protocol: .tcp, port: 443, address: IPAddress("10.0.0.9")!, targetPort: target,
                pods: FlowParty(namespace: "shop", labels: ["app": app]), portNames: names)
        }
        let cluster = RecordedCluster(
            services: [RecordedService(key, addresses: [], ways: [way("old", 5432, ["sql"]), way("new", 6432, [])])])
        let text = yaml(lesson(Self.record(to: .service(key), addresses: ["10.96.0.20"]), cluster: cluster))
        for part in ["app: old", "port: sql  # 5432", "app: new", "port: 6432", "behind service shop/db, port 443"] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
        #expect(!text.contains("10.96.0.20"))
    }

    @Test("objects tell what is behind a service before records do")
    func servicesOfObjects() {
        var store = ManifestStore()
        store.update(
            file: "objects.yaml",
            contents: Array(
                """
                {apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop},
                 spec: {clusterIP: 10.96.0.20, selector: {app: db}, ports: [{port: 443, targetPort: sql}]}}
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: db-0, namespace: shop, labels: {app: db}},
                 spec: {containers: [{ports: [{name: sql, containerPort: 5432}]}]}, status: {podIP: 10.0.0.9}}
                """.utf8))
        let objects = store.drainChanges().compactMap { if case .set(let object) = $0 { object } else { nil } }
        let text = yaml(lesson(Self.record(to: .service(NamespacedName("shop", "db"))), objects: objects))
        #expect(text.contains("app: db") && text.contains("port: sql  # 5432"), "\(text)")
    }

    @Test("a service of which nothing is known is allowed by its address; endpoints that are no pods by theirs")
    func strangeServices() {
        let key = NamespacedName("default", "kubernetes")
        let unknown = yaml(lesson(Self.record(to: .service(key), addresses: ["10.96.0.1"])))
        #expect(unknown.contains("10.96.0.1/32") && unknown.contains("whose pods are not known"))
        let cluster = RecordedCluster(services: [
            RecordedService(
                key, addresses: [],
                ways: [
                    RecordedService.Way(
                        protocol: .tcp, port: 443, address: IPAddress("192.0.2.10")!, targetPort: 6443, pods: nil)
                ])
        ])
        let known = yaml(lesson(Self.record(to: .service(key), addresses: ["10.96.0.1"]), cluster: cluster))
        #expect(known.contains("192.0.2.10/32") && known.contains("port: 6443") && !known.contains("10.96.0.1"))
    }

    @Test("denied flows are rules only if asked for, and marked")
    func denied() {
        let record = Self.record(to: .pods(Self.api, portNames: []), verdict: .denied)
        #expect(lesson(record).policies.isEmpty)
        var options = PolicyGenerator.Options()
        options.includeDenied = true
        #expect(yaml(lesson(record, options: options)).contains("last 2026-11-21T17:00:00Z, DENIED."))
    }

    @Test("metadata endpoints never become rules, not even when the guard was off; their other ports do")
    func metadata() {
        var options = PolicyGenerator.Options()
        options.includeDenied = true
        for verdict in [FlowVerdict.allowed, .denied, .audit] {
            for (target, guarded) in [(FlowTarget.metadata("imds"), true), (.external, false)] {
                let lesson = lesson(
                    Self.record(
                        to: target, port: 80, verdict: verdict, guarded: guarded, addresses: ["169.254.169.254"]),
                    options: options)
                #expect(lesson.policies.isEmpty && lesson.omissions.count == 1)
            }
        }
        #expect(
            yaml(lesson(Self.record(to: .external, port: 53, addresses: ["169.254.169.254"]))).contains(
                "169.254.169.254/32"))
    }

    @Test("protocols without ports are left out, and that is said in the policy")
    func icmp() {
        let text = yaml(
            lesson(
                Self.record(to: .external, port: 0, protocol: 1, addresses: ["192.0.2.1"]),
                Self.record(to: .external, addresses: ["192.0.2.1"])))
        #expect(text.contains("# - 192.0.2.1 ICMP: a NetworkPolicy has no word"))
    }

    @Test("a default deny isolates each namespace that has a learned policy")
    func defaultDeny() {
        var options = PolicyGenerator.Options()
        options.defaultDeny = true
        let text = yaml(lesson(Self.record(to: .external, addresses: ["192.0.2.1"]), options: options))
        #expect(
            text.contains("name: default-deny-egress") && text.contains("podSelector: {}")
                && text.contains("egress: []"))
        #expect(lesson(options: options).policies.isEmpty)
    }

    @Test("names come out as names, and differ")
    func names() {
        func party(_ kind: String, _ labels: Labels) -> FlowParty {
            FlowParty(namespace: "shop", labels: labels, workload: Workload(kind: kind, name: "Web_1.x"))
        }
        let policies = lesson(
            Self.record(party("Deployment", ["app": "a"]), to: .external, addresses: ["192.0.2.1"]),
            Self.record(party("StatefulSet", ["app": "b"]), to: .external, addresses: ["192.0.2.1"])
        ).policies
        #expect(policies.map(\.key.name) == ["web-1-x-egress", "web-1-x-egress-2"])
    }

    @Test(
        "what is recorded does not leave its comment or its string",
        arguments: [
            "a\nb: c", "true", "null", "1", "1e3", "0x1f", "", "a: b", "- a", "a#b", "a # b", "\"", "\\", "~",
            "é\u{2028}x", "yes", "No",
            "{a}", "*a", "&a", "!a", "%a", "@a", "`a", "2026-11-21", "a\r\tb", "\u{7f}\u{85}",
        ])
    func quoting(_ value: String) throws {
        let strange = FlowParty(namespace: "shop", labels: ["app": value], workload: Workload(kind: value, name: "web"))
        let text = yaml(lesson(Self.record(strange, to: .pods(strange, portNames: [value]))))
        var store = ManifestStore()
        store.update(file: "a.yaml", contents: Array(text.utf8))
        let objects = store.drainChanges()
        try #require(objects.count == 1, "\(text)\n\(store.diagnostics)")
        guard case .set(.networkPolicy(let policy)) = objects[0] else { return #expect(Bool(false)) }
        // What no label can be is refused by the reader, and then selects nothing more.
        if store.diagnostics.isEmpty {
            #expect(policy.podSelector == LabelSelector(matchLabels: ["app": value]), "\(text)")
        }
    }
}
