import KubernetesObjects
import PolicyModel
import Testing

@Suite struct ObjectTests {
    @Test(
        "reads namespaces",
        arguments: [
            ("metadata: {name: a}", ["kubernetes.io/metadata.name": "a"]),
            ("metadata: {name: a, labels: null}", ["kubernetes.io/metadata.name": "a"]),
            (
                "metadata: {name: a, namespace: b, labels: {x: y, kubernetes.io/metadata.name: z}}",
                ["kubernetes.io/metadata.name": "a", "x": "y"]
            ),
        ] as [(String, Labels)])
    func readsNamespaces(fields: String, labels: Labels) throws {
        let object = try readOne("apiVersion: v1\nkind: Namespace\n\(fields)\n")
        #expect(object == .namespace(Namespace(name: "a", labels: labels)))
    }

    @Test(
        "tells what is no object",
        arguments: [
            // kind, apiVersion, severity, field
            ("kind: Pod\nmetadata: {name: a}", .error, "apiVersion"),
            ("apiVersion: v1\nmetadata: {name: a}", .error, "kind"),
            ("apiVersion: v1\nkind: Pod", .error, "metadata.name"),
            ("apiVersion: v1\nkind: Pod\nmetadata: {name: }", .error, "metadata.name"),
            ("apiVersion: v1\nkind: Pod\nmetadata: {name: ''}", .error, "metadata.name"),
            ("apiVersion: v1\nkind: Pod\nmetadata: {name: []}", .error, "metadata.name"),
            ("apiVersion: v1\nkind: Pod\nmetadata: x", .error, "metadata"),
            ("apiVersion: 1\nkind: Pod", .error, "apiVersion"), ("apiVersion: v1\nkind: []", .error, "kind"),
            ("hello", .error, ""), ("12", .error, ""), ("- null", .error, ""),
            ("kind: {}\napiVersion: v1", .error, "kind"),
            ("apiVersion: v1\nkind: Pond\nmetadata: {name: a}", .warning, "kind"),
            ("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a}", .warning, "kind"),
            ("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: a}", .warning, "kind"),
        ] as [(String, Diagnostic.Severity, String)])
    func tellsWhatIsNoObject(text: String, severity: Diagnostic.Severity, field: String) throws {
        let manifest = try read(text)
        #expect(manifest.objects == [])
        #expect(manifest.diagnostics.contains { $0.severity == severity && $0.field == field }, "\(manifest)")
        #expect(manifest.diagnostics.allSatisfy { $0.origin.hasPrefix("test.yaml") })
    }

    @Test(
        "passes over harmless kinds",
        arguments: [
            ("v1", "ConfigMap"), ("v1", "Secret"), ("v1", "ServiceAccount"), ("apps/v1", "Deployment"),
            ("apps/v1", "ReplicaSet"), ("apps/v1", "DaemonSet"), ("apps/v1", "StatefulSet"), ("batch/v1", "Job"),
            ("batch/v1", "CronJob"), ("networking.k8s.io/v1", "Ingress"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ])
    func passesOverHarmlessKinds(version: String, kind: String) throws {
        let manifest = try read("apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: a}")
        #expect(manifest == Manifest())
    }

    @Test("one bad object does not stop the rest") func oneBadObjectDoesNotStopTheRest() throws {
        let manifest = try read("hello\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
        #expect(manifest.objects.map(\.object.reference.name) == ["a"])
        #expect(manifest.objects.map(\.origin) == ["test.yaml:3"])
        #expect(manifest.diagnostics.count == 1)
    }

    @Test("says of which object it complains") func saysOfWhichObjectItComplains() throws {
        let manifest = try read(
            """
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: x}}
            ---
            {apiVersion: v1, kind: Pond, metadata: {name: a}}
            """)
        #expect(
            manifest.diagnostics.map(\.reference) == [ObjectReference(.networkPolicy, "x", "p"), nil],
            "\(manifest.diagnostics)")
    }

    @Test("every field of a pod is read") func readsPods() throws {
        let object = try readOne(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: a
              uid: 448b3f7b-fade-4220-a44e-f3d3c19233b6
              labels: {app: web, empty: ""}
              annotations: {sluice.dev/cgroup: kubepods/a}
            spec:
              nodeName: node-1
              serviceAccountName: runner
              hostNetwork: true
              initContainers:
              - {name: once, ports: [{name: gone, containerPort: 1}]}
              - {name: side, restartPolicy: Always, ports: [{name: proxy, containerPort: 15001}]}
              containers:
              - {name: main, ports: [{name: http, containerPort: 8080}, {containerPort: 9}]}
              - {name: more, ports: [{name: http, containerPort: 8081, protocol: UDP}, {name: http, containerPort: 8080}]}
              - {name: none, ports: null}
            status:
              phase: Running
              podIP: 10.0.0.1
              podIPs: [{ip: 10.0.0.1}, {ip: fd00::1}, {ip: 10.0.0.1}]
            """)
        #expect(
            object
                == .pod(
                    Pod(
                        key: NamespacedName("default", "a"), uid: "448b3f7b-fade-4220-a44e-f3d3c19233b6",
                        labels: ["app": "web", "empty": ""], nodeName: "node-1", serviceAccount: "runner",
                        hostNetwork: true, addresses: [try address("10.0.0.1"), try address("fd00::1")],
                        namedPorts: [
                            NamedPort(name: "http", protocol: .tcp, number: 8080),
                            NamedPort(name: "http", protocol: .udp, number: 8081),
                            NamedPort(name: "proxy", protocol: .tcp, number: 15001),
                        ], cgroupPath: "kubepods/a", keepsNetRaw: true)))
    }

    @Test("G: a pod's own resolvers and the names of its hostAliases are read")
    func nameSources() throws {
        let object = try readOne(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec:
              dnsConfig: {nameservers: [192.0.2.53, "fd00::53"], searches: [example.com]}
              hostAliases: [{ip: 192.0.2.1, hostnames: [API.example.com, db]}]
            """)
        guard case .pod(let pod) = object else { return #expect(Bool(false), "no pod") }
        #expect(
            try pod.nameSources == [
                .nameserver(address("192.0.2.53")), .nameserver(address("fd00::53")),
                .alias(#require(DomainName("api.example.com"))), .alias(#require(DomainName("db"))),
            ])
    }

    @Test(
        "A pod's workload is what stands above its controller",
        arguments: [
            ("web-5d8f", "ReplicaSet", "web-5d8f", "5d8f", "Deployment web"),
            ("web-5d8f-x", "ReplicaSet", "bare", "5d8f", "ReplicaSet bare"),
            ("report-29384756-x", "Job", "report-29384756", "", "CronJob report"),
            ("once-x", "Job", "once-7", "", "Job once-7"),
            ("db-0", "StatefulSet", "db", "", "StatefulSet db"),
            ("kube-proxy", "Node", "node-1", "", nil),
        ] as [(String, String, String, String, String?)])
    func workloads(_ pod: String, _ kind: String, _ owner: String, _ hash: String, _ expected: String?) throws {
        let object = try readOne(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: \(pod)
              labels: {pod-template-hash: "\(hash)"}
              ownerReferences:
              - {apiVersion: apps/v1, kind: Other, name: other}
              - {apiVersion: apps/v1, kind: \(kind), name: \(owner), controller: true}
            """)
        guard case .pod(let pod) = object else { return #expect(Bool(false), "no pod") }
        #expect(pod.workload?.description == expected)
    }

    @Test(
        "CAP_NET_RAW is kept unless every container drops it",
        arguments: [
            ("{}", true), ("{capabilities: {drop: [ALL]}}", false), ("{capabilities: {drop: [NET_RAW]}}", false),
            ("{capabilities: {drop: [cap_net_raw]}}", false), ("{capabilities: {drop: [CHOWN]}}", true),
            ("{capabilities: {drop: [ALL], add: [NET_RAW]}}", true),
            ("{capabilities: {drop: [ALL], add: [CHOWN]}}", false),
            ("{capabilities: {drop: [ALL]}, privileged: true}", true),
        ])
    func rawPackets(_ security: String, _ kept: Bool) throws {
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            let object = try readOne(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: a}
                spec:
                  \(list):
                  - {name: b, securityContext: {capabilities: {drop: [ALL]}}}
                  - {name: c, securityContext: \(security)}
                """)
            guard case .pod(let pod) = object else { return #expect(Bool(false), "no pod") }
            #expect(pod.keepsNetRaw == kept, "\(list)")
        }
    }

    @Test(
        "reads pod state",
        arguments: [
            // status, ready, finished
            ("{}", true, false), ("null", true, false), ("{\"phase\": \"Running\"}", true, false),
            ("{\"phase\": \"Pending\"}", false, false), ("{\"phase\": \"Succeeded\"}", false, true),
            ("{\"phase\": \"Failed\"}", false, true), ("{\"phase\": \"Unknown\"}", false, false),
            ("{\"phase\": \"Running\", \"conditions\": [{\"type\": \"Ready\", \"status\": \"False\"}]}", false, false),
            (
                "{\"phase\": \"Running\", \"conditions\": [{\"type\": \"Initialized\", \"status\": \"True\"}]}", false,
                false
            ),
            ("{\"phase\": \"Running\", \"conditions\": []}", true, false),
            (
                "{\"conditions\": [{\"type\": \"Other\", \"status\": \"False\"}, {\"type\": \"Ready\", \"status\": \"True\"}]}",
                true, false
            ),
        ])
    func readsPodState(status: String, ready: Bool, finished: Bool) throws {
        let (pod, diagnostics) = try readPod("\"status\": \(status)")
        #expect(diagnostics == [])
        #expect(pod.ready == ready)
        #expect(pod.finished == finished)
    }

    @Test("a terminating pod is not ready") func aTerminatingPodIsNotReady() throws {
        let object = try readOne(
            "{apiVersion: v1, kind: Pod, metadata: {name: a, deletionTimestamp: '2024-01-01T00:00:00Z'}, status: {phase: Running}}"
        )
        guard case .pod(let pod) = object else { return }
        #expect(!pod.ready && !pod.finished)
    }

    @Test(
        "tells what is wrong with pods",
        arguments: [
            ("\"status\": {\"podIP\": \"10.0.0.300\"}", "status.podIP"),
            ("\"status\": {\"podIPs\": [{\"ip\": \"x\"}, {\"ip\": \"10.0.0.1\"}]}", "status.podIPs[0].ip"),
            ("\"status\": {\"podIPs\": {}, \"podIP\": \"10.0.0.1\"}", "status.podIPs"),
            ("\"status\": []", "status"), ("\"spec\": 1", "spec"),
            ("\"spec\": {\"hostNetwork\": \"yes\"}", "spec.hostNetwork"),
            ("\"spec\": {\"nodeName\": 1}", "spec.nodeName"), ("\"spec\": {\"containers\": {}}", "spec.containers"),
            (
                "\"spec\": {\"containers\": [{\"ports\": [{\"name\": \"a\", \"containerPort\": 0}]}]}",
                "spec.containers[0].ports[0].containerPort"
            ),
            (
                "\"spec\": {\"containers\": [{\"ports\": [{\"name\": \"a\"}]}]}",
                "spec.containers[0].ports[0].containerPort"
            ),
            (
                "\"spec\": {\"containers\": [{\"ports\": [{\"name\": \"a\", \"containerPort\": 1, \"protocol\": \"X\"}]}]}",
                "spec.containers[0].ports[0].protocol"
            ),
        ])
    func tellsWhatIsWrongWithPods(fields: String, field: String) throws {
        let (pod, diagnostics) = try readPod(fields)
        #expect(diagnostics.map(\.field).contains(field), "\(diagnostics)")
        #expect(diagnostics.allSatisfy { $0.severity == .error && $0.object == "Pod x/a" })
        if fields.contains("10.0.0.1") { #expect(pod.addresses == [try address("10.0.0.1")]) }
        #expect(pod.namedPorts == [])
    }

    @Test("an address not yet there is no error") func anAddressNotYetThereIsNoError() throws {
        let (pod, diagnostics) = try readPod("\"status\": {\"podIP\": \"\", \"podIPs\": null}")
        #expect(pod.addresses == [] && diagnostics == [])
    }

    @Test(
        "reads cgroup paths",
        arguments: [
            ("kubepods/pod1", "kubepods/pod1", true), ("a..b/c", "a..b/c", true), ("/a", nil, false),
            ("..", nil, false), ("a/../../b", nil, false), ("", nil, false),
        ] as [(String, String?, Bool)])
    func readsCgroupPaths(path: String, expected: String?, isValid: Bool) throws {
        let pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "a", "annotations": ["sluice.dev/cgroup": .string(path)]],
        ]
        let fromFile = ObjectDecoder(honoursCgroupAnnotation: true).decode(pod)
        let fromAPI = ObjectDecoder().decode(pod)
        guard case .pod(let first) = try #require(fromFile.object),
            case .pod(let second) = try #require(fromAPI.object)
        else { return }
        #expect(first.cgroupPath == expected)
        #expect(fromFile.diagnostics.isEmpty == isValid)
        #expect(second.cgroupPath == nil)
        #expect(fromAPI.diagnostics == [])
    }

    @Test("labels that are no text are errors") func labelsThatAreNoTextAreErrors() throws {
        let manifest = try read(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x, labels: {v: 1, on: yes, n: , ok: '1', l: []}}"
        )
        guard case .pod(let pod) = try #require(manifest.objects.first).object else { return }
        #expect(pod.labels == ["v": "1", "on": "true", "n": "", "ok": "1"])
        let errors = manifest.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.field) == ["metadata.labels.l", "metadata.labels.on", "metadata.labels.v"])
    }

    @Test(
        "reads service addresses",
        arguments: [
            ("{\"clusterIP\": \"10.96.0.1\"}", ["10.96.0.1"]),
            ("{\"clusterIP\": \"10.96.0.1\", \"clusterIPs\": [\"10.96.0.1\", \"fd00::1\"]}", ["10.96.0.1", "fd00::1"]),
            ("{\"clusterIP\": \"None\"}", []), ("{\"clusterIPs\": [\"None\"]}", []), ("{\"clusterIP\": \"\"}", []),
            ("{}", []),
            ("{\"type\": \"ExternalName\", \"externalIPs\": [\"192.0.2.1\"]}", []),
            (
                "{\"clusterIP\": \"10.96.0.1\", \"externalIPs\": [\"192.0.2.1\", \"10.96.0.1\"]}",
                ["10.96.0.1", "192.0.2.1"]
            ),
        ] as [(String, [String])])
    func readsServiceAddresses(spec: String, addresses: [String]) throws {
        let object = try readOne(
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"},\"spec\":\(spec)}")
        guard case .service(let service) = object else { return }
        #expect(service.addresses == (try addresses.map(address)))
    }

    @Test("A service that kube-proxy leaves to another proxy has no addresses to be judged by its endpoints")
    func servicesOfOtherProxies() throws {
        let object = try readOne(
            """
            {apiVersion: v1, kind: Service, metadata: {name: s, labels: {service.kubernetes.io/service-proxy-name: x}},
            spec: {clusterIP: 10.96.0.1, externalIPs: [192.0.2.1], ports: [{port: 80}]}}
            """)
        guard case .service(let service) = object else { return #expect(Bool(false), "no service") }
        #expect(service.addresses == [])
    }

    @Test("every field of a service is read") func readsServices() throws {
        let object = try readOne(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s, namespace: x}
            spec:
              clusterIP: 10.96.0.1
              selector: {app: web}
              ports:
              - {name: http, port: 80, targetPort: web}
              - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
              - {name: same, port: 443}
            status: {loadBalancer: {ingress: [{ip: 192.0.2.9}, {hostname: lb.example}]}}
            """)
        #expect(
            object
                == .service(
                    Service(
                        key: NamespacedName("x", "s"),
                        addresses: [try address("10.96.0.1"), try address("192.0.2.9")],
                        ports: [
                            .init(name: "http", protocol: .tcp, number: 80, target: .named("web")),
                            .init(name: "dns", protocol: .udp, number: 53, target: .number(5353)),
                            .init(name: "same", protocol: .tcp, number: 443, target: .number(443)),
                        ], selector: ["app": "web"])))
    }

    @Test("an empty service selector is none", arguments: ["null", "{}"])
    func anEmptyServiceSelectorIsNone(selector: String) throws {
        let object = try readOne("{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: \(selector)}}")
        guard case .service(let service) = object else { return }
        #expect(service.selector == nil)
    }

    @Test(
        "tells what is wrong with services",
        arguments: [
            ("{\"clusterIP\": \"x\"}", "spec.clusterIP"), ("{\"ports\": [{}]}", "spec.ports[0].port"),
            ("{\"ports\": [{\"port\": 80, \"targetPort\": 70000}]}", "spec.ports[0].targetPort"),
            ("{\"ports\": [{\"port\": 80, \"targetPort\": \"A_B\"}]}", "spec.ports[0].targetPort"),
            ("{\"ports\": [{\"port\": 80, \"protocol\": \"HTTP\"}]}", "spec.ports[0].protocol"),
            ("{\"selector\": []}", "spec.selector"), ("{\"selector\": {\"a\": 1}}", "spec.selector.a"),
        ])
    func tellsWhatIsWrongWithServices(spec: String, field: String) throws {
        let manifest = try read(
            "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"},\"spec\":\(spec)}")
        guard case .service(let service) = try #require(manifest.objects.first).object else { return }
        #expect(manifest.diagnostics.map(\.field) == [field])
        #expect(service.ports == [])
    }

    @Test("every field of an EndpointSlice is read", arguments: ["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"])
    func readsEndpointSlices(version: String) throws {
        let object = try readOne(
            """
            apiVersion: \(version)
            kind: EndpointSlice
            metadata: {name: s-1, namespace: x, labels: {kubernetes.io/service-name: s}}
            addressType: IPv4
            ports: [{name: http, port: 8080}, {name: null, port: 53, protocol: UDP}, {name: all}]
            endpoints:
            - {addresses: [10.0.0.1]}
            - {addresses: [10.0.0.2], conditions: {ready: null}}
            - {addresses: [10.0.0.3], conditions: {ready: false}}
            - {addresses: [10.0.0.4], conditions: {ready: false, serving: true, terminating: true}}
            - {addresses: [10.0.0.5], conditions: {ready: false, terminating: true}}
            """)
        let expected = EndpointSlice(
            key: NamespacedName("x", "s-1"), serviceName: "s",
            ports: [
                .init(name: "http", protocol: .tcp, number: 8080), .init(name: "", protocol: .udp, number: 53),
                .init(name: "all", protocol: .tcp, number: nil),
            ],
            endpoints: [
                .init(addresses: [try address("10.0.0.1")]), .init(addresses: [try address("10.0.0.2")]),
                .init(addresses: [try address("10.0.0.3")], ready: false),
                .init(addresses: [try address("10.0.0.4")], ready: false, servingWhileTerminating: true),
                .init(addresses: [try address("10.0.0.5")], ready: false),
            ])
        #expect(object == .endpointSlice(expected))
    }

    @Test(
        "passes over slices that nobody serves",
        arguments: [
            "metadata: {name: a}\naddressType: IPv4",
            "metadata: {name: a, labels: {kubernetes.io/service-name: s}}\naddressType: FQDN\nendpoints: [{addresses: [a.example]}]",
        ])
    func passesOverSlicesThatNobodyServes(fields: String) throws {
        #expect(try read("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n\(fields)") == Manifest())
    }
}
