import KubernetesObjects
import PolicyModel
import Testing

@Suite("domainNames of a ClusterNetworkPolicy")
struct DomainNamesTests {
    private func policy(
        _ rules: String, annotations: String = "{}", kind: String = "ClusterNetworkPolicy", tier: String = "Admin"
    ) throws -> (policy: ClusterNetworkPolicy, diagnostics: [Diagnostic]) {
        let isOld = kind != "ClusterNetworkPolicy"
        let manifest = try read(
            """
            apiVersion: policy.networking.k8s.io/\(isOld ? "v1alpha1" : "v1alpha2")
            kind: \(kind)
            metadata: {name: c, annotations: \(annotations)}
            spec: {\(isOld ? "" : "tier: \(tier), ")priority: 7, subject: {namespaces: {}}, egress: [\(rules)]}
            """)
        guard case .clusterNetworkPolicy(let policy) = try #require(manifest.objects.first).object else {
            throw TextError("not a policy")
        }
        return (policy, manifest.diagnostics)
    }

    private func accepting(_ names: String) throws -> (peers: [ClusterPeer]?, diagnostics: [Diagnostic]) {
        let (policy, diagnostics) = try policy("{action: Accept, to: [{domainNames: \(names)}]}")
        return (policy.rules.first?.peers, diagnostics)
    }

    @Test("names and wildcards are read, in any case, with or without a final dot")
    func areRead() throws {
        let (policy, diagnostics) = try policy(
            """
            {action: Accept, to: [{domainNames: [API.Example.com., '*.example.org']}, {networks: [10.0.0.0/8]},
              {domainNames: [one.example]}], protocols: [{tcp: {destinationPort: {number: 443}}}]}
            """)
        #expect(diagnostics == [])
        #expect(
            policy.rules == [
                TierPolicyRule(
                    .egress, index: 0, action: .accept,
                    peers: [
                        .domains([DomainPattern("api.example.com")!, DomainPattern("*.example.org")!]),
                        .network(Prefix("10.0.0.0/8")!), .domains([DomainPattern("one.example")!]),
                    ], ports: [PolicyPort(.tcp, .range(443...443))])
            ])
        #expect(policy.rules[0].text.hasPrefix("Accept to api.example.com or *.example.org; 10.0.0.0/8; one.example"))
    }

    @Test("the older API's policies name domains too")
    func olderKind() throws {
        let (policy, diagnostics) = try policy(
            "{action: Allow, to: [{domainNames: ['*.example.org']}]}", kind: "AdminNetworkPolicy")
        #expect(diagnostics == [])
        #expect(policy.rules.first?.peers == [.domains([DomainPattern("*.example.org")!])])
    }

    @Test("G: names in tier Baseline are refused, and the rule matches nothing")
    func baseline() throws {
        let rules =
            "{action: Accept, to: [{domainNames: ['*.example.org']}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}"
        let (policy, diagnostics) = try policy(rules, tier: "Baseline")
        #expect(policy.rules.map(\.index) == [1])
        #expect(diagnostics.map(\.field) == ["spec.egress[0].to[0].domainNames"])
        #expect(diagnostics.map(\.severity) == [.error])
        #expect(diagnostics.first?.object == "ClusterNetworkPolicy c")
    }

    @Test(
        "B6: a policy may say how long answers count past their time",
        arguments: [
            ("90s", 90), ("5m", 300), ("1h", 3600), ("0s", 0), ("18h", 64_800), ("19h", nil), ("5", nil), ("m", nil),
            ("-5m", nil), ("5 m", nil),
        ] as [(String, UInt16?)])
    func grace(text: String, seconds: UInt16?) throws {
        let (policy, diagnostics) = try policy("", annotations: "{sluice.dev/name-grace: '\(text)'}")
        #expect(policy.nameGrace == seconds)
        #expect(diagnostics.map(\.severity) == (seconds == nil ? [.error] : []))
    }

    @Test("a Deny or Pass rule with names denies everything", arguments: ["Deny", "Pass"])
    func onlyAccept(action: String) throws {
        let (policy, diagnostics) = try policy(
            "{action: \(action), to: [{namespaces: {}}, {domainNames: ['*.example.org']}]}")
        #expect(policy.rules == [TierPolicyRule(.egress, index: 0, action: .deny, peers: nil)])
        #expect(diagnostics.map(\.field) == ["spec.egress[0].to[1].domainNames"])
        #expect(diagnostics.map(\.severity) == [.error])
        #expect(diagnostics.first?.object == "ClusterNetworkPolicy c")
    }

    @Test(
        "a rule with a name that is none matches nothing, not even by its other peers",
        arguments: [
            ("['*']", "[0]"), ("[example.org, com]", "[1]"), ("['exa mple.org']", "[0]"), ("['a.*.org']", "[0]"),
            ("[null]", "[0]"),
            ("[7]", "[0]"), ("[]", ""), ("example.org", ""), ("[bücher.example]", "[0]"),
        ])
    func broken(names: String, place: String) throws {
        let (policy, diagnostics) = try policy("{action: Accept, to: [{domainNames: \(names)}, {nodes: {}}]}")
        #expect(policy.rules == [])
        #expect(diagnostics.map(\.severity).contains(.error))
        #expect(diagnostics.allSatisfy { $0.field == "spec.egress[0].to[0].domainNames\(place)" }, "\(diagnostics)")
    }

    @Test("names in other scripts are asked for in Punycode")
    func punycode() throws {
        #expect(try accepting("[bücher.example]").diagnostics.first?.message.contains("Punycode") == true)
    }

    @Test("more than the API server takes, and names given twice, mean what they say")
    func warned() throws {
        let many = (0..<26).map { "n\($0).example" }
        let (peers, diagnostics) = try accepting("[\(many.joined(separator: ", "))]")
        #expect(peers == [.domains(many.map { DomainPattern($0)! }.sorted())])
        #expect(diagnostics.map(\.severity) == [.warning])
        let (twice, told) = try accepting("[a.example, A.example.]")
        #expect(twice == [.domains([DomainPattern("a.example")!])])
        #expect(told.map(\.severity) == [.warning])
    }

    @Test("a port's name is not for names")
    func namedPort() throws {
        let (policy, diagnostics) = try policy(
            "{action: Accept, to: [{domainNames: [a.example]}], protocols: [{destinationNamedPort: web}]}")
        #expect(policy.rules == [])
        #expect(diagnostics.map(\.field) == ["spec.egress[0].protocols"])
    }

    @Test("private answers are for policies with the annotation, in that one word")
    func privateAnswers() throws {
        let rule = "{action: Accept, to: [{domainNames: [a.example]}]}"
        #expect(try !policy(rule).policy.allowsPrivateAnswers)
        let (policy, diagnostics) = try policy(rule, annotations: "{sluice.dev/private-answers: allow, other: x}")
        #expect(policy.allowsPrivateAnswers && diagnostics == [] && policy.rules.count == 1)
        for text in ["Allow", "'true'", "deny", "''", "true"] {
            let (policy, diagnostics) = try self.policy(rule, annotations: "{sluice.dev/private-answers: \(text)}")
            #expect(!policy.allowsPrivateAnswers && policy.rules.count == 1, "\(text)")
            #expect(diagnostics.map(\.severity) == [.error])
            #expect(diagnostics.first?.field == "metadata.annotations[sluice.dev/private-answers]")
        }
    }
}
