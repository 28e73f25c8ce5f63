import KubernetesObjects
import PolicyModel
import Testing

@Suite struct NetworkPolicyTests {
    @Test(
        "isolates",
        arguments: [
            // policyTypes, egress, isolates, rules
            (nil, nil, false, 0), (nil, "null", false, 0), (nil, "[]", false, 0), (nil, "[{}]", true, 1),
            ("null", "[{}]", true, 1), ("[]", "[{}]", true, 1), ("[]", "[]", false, 0),
            ("[\"Ingress\"]", "[{}]", false, 1), ("[\"Ingress\"]", nil, false, 0),
            ("[\"Egress\"]", nil, true, 0), ("[\"Egress\"]", "null", true, 0), ("[\"Egress\"]", "[]", true, 0),
            ("[\"Egress\"]", "[{}]", true, 1), ("[\"Ingress\",\"Egress\"]", "[{},{}]", true, 2),
        ] as [(String?, String?, Bool, Int)])
    func isolates(types: String?, egress: String?, isolates: Bool, rules: Int) throws {
        let fields = [("policyTypes", types), ("egress", egress)].compactMap { name, value in
            value.map { "\"\(name)\": \($0)" }
        }
        let (policy, errors) = try readPolicy(spec: "{\(fields.joined(separator: ","))}")
        #expect(errors == [])
        #expect(policy.isolates.contains(.egress) == isolates)
        #expect(policy.rules.map(\.index) == Array(0..<rules))
    }

    @Test(
        "reads rules",
        arguments: [
            ("{}", nil, nil), ("{\"to\": null, \"ports\": null}", nil, nil), ("{\"to\": [], \"ports\": []}", nil, nil),
            ("{\"to\": [{\"podSelector\": {}}]}", [.pods(in: .own, LabelSelector())], nil),
            (
                "{\"to\": [{\"podSelector\": null, \"namespaceSelector\": {}}]}",
                [.pods(in: .matching(LabelSelector()), LabelSelector())], nil
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchLabels\": null, \"matchExpressions\": null}}]}",
                [.pods(in: .own, LabelSelector())], nil
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchLabels\": {\"a\": \"b\"}}, \"namespaceSelector\": {\"matchLabels\": {\"c\": \"d\"}}}]}",
                [.pods(in: .matching(LabelSelector(matchLabels: ["c": "d"])), LabelSelector(matchLabels: ["a": "b"]))],
                nil
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"a\", \"operator\": \"NotIn\", \"values\": [\"x\", \"y\"]}, {\"key\": \"b/c\", \"operator\": \"DoesNotExist\"}]}}]}",
                [
                    .pods(
                        in: .own,
                        LabelSelector([
                            .init(key: "a", operator: .notIn, values: ["x", "y"]),
                            .init(key: "b/c", operator: .doesNotExist),
                        ]))
                ], nil
            ),
            ("{\"ports\": [{}]}", nil, [PolicyPort(.tcp, .any)]),
            ("{\"ports\": [{\"protocol\": null, \"port\": null}]}", nil, [PolicyPort(.tcp, .any)]),
            ("{\"ports\": [{\"protocol\": \"UDP\"}]}", nil, [PolicyPort(.udp, .any)]),
            ("{\"ports\": [{\"port\": 80}]}", nil, [PolicyPort(.tcp, .range(80...80))]),
            (
                "{\"ports\": [{\"port\": 65535, \"protocol\": \"SCTP\"}]}", nil,
                [PolicyPort(.sctp, .range(65535...65535))]
            ),
            ("{\"ports\": [{\"port\": 80, \"endPort\": 80}]}", nil, [PolicyPort(.tcp, .range(80...80))]),
            ("{\"ports\": [{\"port\": 1, \"endPort\": 65535}]}", nil, [PolicyPort(.tcp, .range(1...65535))]),
            ("{\"ports\": [{\"port\": \"http\"}]}", nil, [PolicyPort(.tcp, .named("http"))]),
        ] as [(String, [Peer]?, [PolicyPort]?)])
    func readsRules(rule: String, peers: [Peer]?, ports: [PolicyPort]?) throws {
        let (policy, errors) = try readPolicy(spec: "{\"egress\": [\(rule)]}")
        #expect(errors == [])
        #expect(policy.rules == [PolicyRule(.egress, index: 0, peers: peers, ports: ports)])
    }

    @Test(
        "reads blocks",
        arguments: [
            ("{\"cidr\": \"10.0.0.0/8\"}", "10.0.0.0/8", []),
            ("{\"cidr\": \"10.1.2.3/8\", \"except\": null}", "10.0.0.0/8", []),
            ("{\"cidr\": \"::/0\", \"except\": [\"fd00::/8\", \"fd00::1/8\"]}", "::/0", ["fd00::/8"]),
            (
                "{\"cidr\": \"10.0.0.0/8\", \"except\": [\"10.1.0.0/16\", \"10.0.0.0/9\"]}", "10.0.0.0/8",
                ["10.0.0.0/9", "10.1.0.0/16"]
            ),
        ] as [(String, String, [String])])
    func readsBlocks(block: String, cidr: String, except: [String]) throws {
        let (policy, errors) = try readPolicy(spec: "{\"egress\": [{\"to\": [{\"ipBlock\": \(block)}]}]}")
        #expect(errors == [])
        let expected = IPBlock(try prefix(cidr), except: try except.map(prefix))
        #expect(policy.rules.first?.peers == [.block(expected)])
    }

    /// Each is the second of three rules: it is left out, the others stay.
    @Test(
        "leaves out invalid rules",
        arguments: [
            // The eleven shapes that the shared cases hold.
            ("{\"to\": [{\"ipBlock\": {\"cidr\": \"172.16.0.0/33\"}}]}", "to[0].ipBlock.cidr"),
            ("{\"to\": [{}]}", "to[0]"),
            ("{\"ports\": [{\"port\": 9000, \"endPort\": 8000}]}", "ports[0].endPort"),
            ("{\"ports\": [{\"port\": \"metrics\", \"endPort\": 9000}]}", "ports[0].endPort"),
            ("{\"ports\": [{\"endPort\": 9000}]}", "ports[0].endPort"),
            (
                "{\"to\": [{\"ipBlock\": {\"cidr\": \"172.16.0.0/12\", \"except\": [\"172.16.0.0/12\"]}}]}",
                "to[0].ipBlock.except[0]"
            ),
            (
                "{\"to\": [{\"ipBlock\": {\"cidr\": \"172.16.0.0/12\", \"except\": [\"172.32.0.0/16\"]}}]}",
                "to[0].ipBlock.except[0]"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"In\", \"values\": []}]}}]}",
                "to[0].podSelector.matchExpressions[0].values"
            ),
            ("{\"to\": [{\"ipBlock\": {\"cidr\": \"172.16.0.0/12\"}, \"podSelector\": {}}]}", "to[0]"),
            ("{\"ports\": [{\"port\": 0}]}", "ports[0].port"),
            ("{\"ports\": [{\"protocol\": \"ICMP\"}]}", "ports[0].protocol"),
            // And more.
            ("null", ""), ("[]", ""), ("\"x\"", ""), ("{\"to\": {}}", "to"), ("{\"to\": \"x\"}", "to"),
            ("{\"ports\": 80}", "ports"),
            ("{\"to\": [null]}", "to[0]"), ("{\"to\": [[]]}", "to[0]"), ("{\"ports\": [null]}", "ports[0]"),
            ("{\"to\": [{\"podSelector\": {}}, {}]}", "to[1]"),
            ("{\"to\": [{\"podSelector\": null, \"namespaceSelector\": null, \"ipBlock\": null}]}", "to[0]"),
            ("{\"to\": [{\"ipBlock\": {}}]}", "to[0].ipBlock.cidr"),
            ("{\"to\": [{\"ipBlock\": \"x\"}]}", "to[0].ipBlock"),
            ("{\"to\": [{\"ipBlock\": {\"cidr\": 10}}]}", "to[0].ipBlock.cidr"),
            ("{\"to\": [{\"ipBlock\": {\"cidr\": \"10.0.0.0\"}}]}", "to[0].ipBlock.cidr"),
            (
                "{\"to\": [{\"ipBlock\": {\"cidr\": \"0.0.0.0/0\", \"except\": [\"fd00::/8\"]}}]}",
                "to[0].ipBlock.except[0]"
            ),
            (
                "{\"to\": [{\"ipBlock\": {\"cidr\": \"::/0\", \"except\": [\"10.0.0.0/8\"]}}]}",
                "to[0].ipBlock.except[0]"
            ),
            ("{\"to\": [{\"ipBlock\": {\"cidr\": \"0.0.0.0/0\", \"except\": [null]}}]}", "to[0].ipBlock.except[0]"),
            (
                "{\"to\": [{\"ipBlock\": {\"cidr\": \"0.0.0.0/0\", \"except\": \"10.0.0.0/8\"}}]}",
                "to[0].ipBlock.except"
            ),
            ("{\"to\": [{\"namespaceSelector\": []}]}", "to[0].namespaceSelector"),
            ("{\"to\": [{\"podSelector\": {\"matchLabels\": {\"a\": 1}}}]}", "to[0].podSelector.matchLabels.a"),
            ("{\"to\": [{\"podSelector\": {\"matchLabels\": {\"\": \"x\"}}}]}", "to[0].podSelector.matchLabels."),
            ("{\"to\": [{\"podSelector\": {\"matchLabels\": []}}]}", "to[0].podSelector.matchLabels"),
            ("{\"to\": [{\"podSelector\": {\"matchExpressions\": [null]}}]}", "to[0].podSelector.matchExpressions[0]"),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"Gt\", \"values\": [\"1\"]}]}}]}",
                "to[0].podSelector.matchExpressions[0].operator"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\"}]}}]}",
                "to[0].podSelector.matchExpressions[0].operator"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"operator\": \"Exists\"}]}}]}",
                "to[0].podSelector.matchExpressions[0].key"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"NotIn\"}]}}]}",
                "to[0].podSelector.matchExpressions[0].values"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"Exists\", \"values\": [\"x\"]}]}}]}",
                "to[0].podSelector.matchExpressions[0].values"
            ),
            (
                "{\"to\": [{\"podSelector\": {\"matchExpressions\": [{\"key\": \"k\", \"operator\": \"In\", \"values\": [true]}]}}]}",
                "to[0].podSelector.matchExpressions[0].values[0]"
            ),
            ("{\"ports\": [{\"port\": 65536}]}", "ports[0].port"), ("{\"ports\": [{\"port\": -1}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": 80.5}]}", "ports[0].port"), ("{\"ports\": [{\"port\": true}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": 99999999999999999999}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"80\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"a-name-too-long-x\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"-a\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"a--b\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": \"HTTP\"}]}", "ports[0].port"),
            ("{\"ports\": [{\"port\": 80, \"endPort\": 65536}]}", "ports[0].endPort"),
            ("{\"ports\": [{\"port\": 80, \"endPort\": \"90\"}]}", "ports[0].endPort"),
            ("{\"ports\": [{\"protocol\": \"tcp\"}]}", "ports[0].protocol"),
            ("{\"ports\": [{\"protocol\": \"\"}]}", "ports[0].protocol"),
            ("{\"ports\": [{\"port\": 80}, {\"port\": 0}]}", "ports[1].port"),
            ("{\"to\": [{\"podSelector\": {}}], \"to\": []}", "to"),
        ])
    func leavesOutInvalidRules(rule: String, field: String) throws {
        for types in ["", "\"policyTypes\": [\"Egress\"], "] {
            let (policy, errors) = try readPolicy(
                spec: "{\(types)\"podSelector\": {}, \"egress\": [{\"ports\": [{\"port\": 53}]}, \(rule), {}]}")
            #expect(policy.isolates.contains(.egress))
            #expect(policy.rules.map(\.index) == [0, 2])
            #expect(errors.map(\.object).allSatisfy { $0 == "NetworkPolicy x/p" })
            let expected = field.isEmpty ? "spec.egress[1]" : "spec.egress[1].\(field)"
            #expect(errors.map(\.field).contains(expected), "\(errors)")
            #expect(errors.allSatisfy { $0.origin.hasPrefix("test.yaml:") && !$0.message.isEmpty })
        }
    }

    @Test("counts an invalid rule for the default") func countsAnInvalidRuleForTheDefault() throws {
        let (policy, errors) = try readPolicy(spec: "{\"egress\": [{\"to\": [{}]}]}")
        #expect(policy.isolates.contains(.egress))
        #expect(policy.rules == [])
        #expect(errors.count == 1)
    }

    @Test(
        "allows nothing where the whole is unclear",
        arguments: [
            // spec, isolates
            ("null", true), ("[]", true), ("\"x\"", true), ("{\"egress\": {}}", true), ("{\"egress\": \"x\"}", true),
            ("{\"egress\": 1, \"policyTypes\": [\"Egress\"]}", true),
            ("{\"egress\": [{}], \"egress\": []}", true), ("{\"egress\": [{}], \"podSelector\": []}", true),
            ("{\"egress\": [{}], \"podSelector\": {\"matchLabels\": {\"a\": 1}}}", true),
            ("{\"policyTypes\": [\"Ingress\"], \"egress\": [{}], \"podSelector\": 1}", false),
        ])
    func allowsNothingWhereTheWholeIsUnclear(spec: String, isolates: Bool) throws {
        let (policy, errors) = try readPolicy(spec: spec)
        #expect(!errors.isEmpty)
        #expect(policy.isolates.contains(.egress) == isolates)
        #expect(policy.rules == [])
        #expect(policy.podSelector == LabelSelector())
    }

    @Test("two specs are none") func twoSpecsAreNone() throws {
        let manifest = try read(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p}
            spec: {egress: [{}]}
            spec: {egress: []}
            """)
        guard case .networkPolicy(let policy) = try #require(manifest.objects.first).object else { return }
        #expect(policy.isolates.contains(.egress) && policy.rules.isEmpty)
        #expect(manifest.diagnostics.map(\.field) == ["spec"])
    }

    @Test("keeps the valid part of a selector") func keepsTheValidPartOfASelector() throws {
        let (policy, errors) = try readPolicy(
            spec: """
                {"podSelector": {"matchLabels": {"app": "web", "n": 1}, "matchExpressions": [
                  {"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Near"}]}, "egress": [{}]}
                """)
        #expect(
            policy.podSelector
                == LabelSelector([
                    .init(key: "app", operator: .in, values: ["web"]), .init(key: "a", operator: .exists),
                ]))
        #expect(policy.isolates.contains(.egress) && policy.rules.isEmpty)
        #expect(
            errors.map(\.field) == ["spec.podSelector.matchLabels.n", "spec.podSelector.matchExpressions[1].operator"])
    }

    @Test(
        "isolates with unknown types",
        arguments: ["[\"egress\"]", "[null]", "[1]", "\"Egress\"", "{}", "[\"Ingress\", \"Both\"]"])
    func isolatesWithUnknownTypes(types: String) throws {
        let (policy, errors) = try readPolicy(spec: "{\"policyTypes\": \(types), \"egress\": [{}]}")
        #expect(policy.isolates.contains(.egress))
        #expect(policy.rules.count == 1)
        #expect(errors.count == 1)
    }

    @Test("warns of misspelt fields") func warnsOfMisspeltFields() throws {
        let manifest = try read(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p}
            spec:
              future: 1
              egress:
              - port: [{port: 80}]
            """)
        #expect(manifest.diagnostics.map(\.field) == ["spec.egress[0].port"])
        #expect(manifest.diagnostics.map(\.severity) == [.warning])
        #expect(manifest.diagnostics.map(\.origin) == ["test.yaml:7"])
    }

    @Test("reads YAML types strictly") func readsYAMLTypesStrictly() throws {
        let manifest = try read(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p}
            spec:
              egress:
              - ports: [{port: "80"}]
              - ports: [{port: 80}]
              - to:
                - podSelector: {matchLabels: {on: on}}
              - to:
                - podSelector: {matchLabels: {on: "on"}}
            """)
        guard case .networkPolicy(let policy) = try #require(manifest.objects.first).object else { return }
        #expect(policy.key == NamespacedName("default", "p"))
        #expect(policy.rules.map(\.index) == [1, 3])
        #expect(
            manifest.diagnostics.map(\.message) == [
                "\"80\" is a text; write the number without quotes", "must be a string; quote it",
            ])
    }
}
