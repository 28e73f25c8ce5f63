import KubernetesObjects
import PolicyModel
import Testing

@Suite struct ClusterNetworkPolicyTests {
    /// A policy with this tier, priority and subject, and what was said of it.
    func policy(
        _ egress: String, tier: String = "Admin", priority: String = "7", subject: String = "{namespaces: {}}",
        version: String = "v1alpha2"
    ) throws -> (policy: ClusterNetworkPolicy, diagnostics: [Diagnostic]) {
        let manifest = try read(
            """
            apiVersion: policy.networking.k8s.io/\(version)
            kind: ClusterNetworkPolicy
            metadata: {name: c}
            spec: {tier: \(tier), priority: \(priority), subject: \(subject), egress: \(egress)}
            """)
        guard case .clusterNetworkPolicy(let policy) = try #require(manifest.objects.first).object else {
            throw TextError("not a policy")
        }
        return (policy, manifest.diagnostics)
    }

    func rule(_ fields: String) throws -> (rule: TierPolicyRule?, diagnostics: [Diagnostic]) {
        let (policy, diagnostics) = try policy("[{\(fields)}]")
        return (policy.rules.first, diagnostics)
    }

    let everywhere = ClusterPeer.pods(PodSelection())

    @Test("every field of the version is read", arguments: ["v1alpha2", "v1beta1"]) func readsAll(version: String)
        throws
    {
        let (policy, diagnostics) = try policy(
            """
            [{name: first, action: Accept, to: [{pods: {namespaceSelector: {matchLabels: {a: b}}, podSelector: {matchLabels: {c: d}}}}],
              protocols: [{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 53, end: 60}}}},
                {sctp: {destinationPort: {number: 9003}}}, {destinationNamedPort: web}]},
             {action: Pass, to: [{namespaces: {matchLabels: {e: f}}}, {nodes: {}}]},
             {action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]
            """, tier: "Baseline", priority: "1000",
            subject: "{pods: {podSelector: {matchLabels: {app: web}}}}", version: version)
        #expect(diagnostics == [])
        #expect(
            policy
                == ClusterNetworkPolicy(
                    name: "c", tier: .baseline, priority: 1000,
                    subject: PodSelection(pods: LabelSelector(matchLabels: ["app": "web"])),
                    rules: [
                        TierPolicyRule(
                            .egress, index: 0, name: "first", action: .accept,
                            peers: [
                                .pods(
                                    PodSelection(
                                        namespaces: LabelSelector(matchLabels: ["a": "b"]),
                                        pods: LabelSelector(matchLabels: ["c": "d"])))
                            ],
                            ports: [
                                PolicyPort(.tcp, .range(80...80)), PolicyPort(.udp, .range(53...60)),
                                PolicyPort(.sctp, .range(9003...9003)),
                            ]
                                + TransportProtocol.allCases.map { PolicyPort($0, .named("web")) }),
                        TierPolicyRule(
                            .egress, index: 1, action: .pass,
                            peers: [
                                .pods(PodSelection(namespaces: LabelSelector(matchLabels: ["e": "f"]))),
                                .nodes(LabelSelector()),
                            ]),
                        TierPolicyRule(
                            .egress, index: 2, action: .deny,
                            peers: [.network(try prefix("0.0.0.0/0")), .network(try prefix("::/0"))]),
                    ]))
        #expect(policy.reference.description == "ClusterNetworkPolicy c")
    }

    /// "For Accept rules, fail closed means: treat the rule as matching no traffic. For Deny and
    /// Pass rules: treat the rule as a Deny all rule."
    @Test(
        "what is not understood fails closed",
        arguments: [
            "to: [{services: {}}]", "to: [{}]", "to: [null]", "to: []", "to: all",
            "colour: red, to: [{namespaces: {}}]",
            "to: [{namespaces: {}, pods: {podSelector: {}}}]", "to: [{namespaces: {}}, {future: 1}]",
            "to: [{namespaces: {}, future: 1}]", "to: [{pods: {namespaceSelector: {}}}]",
            "to: [{pods: {podSelector: {}, nameSpaceSelector: {}}}]", "to: [{networks: []}]",
            "to: [{networks: [10.0.0.0]}]",
            "to: [{networks: [10.0.0.0/8, 10.0.0.0/33]}]", "to: [{namespaces: {matchLabel: {a: b}}}]",
            "to: [{nodes: {matchExpressions: [{key: a, operator: Is}]}}]",
            "to: [{namespaces: {}}], protocols: []", "to: [{namespaces: {}}], protocols: [{}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {}}]", "to: [{namespaces: {}}], protocols: [{icmp: {}}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {}}}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 0}}}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 1, range: {start: 1, end: 2}}}}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 9, end: 9}}}}]",
            "to: [{namespaces: {}}], protocols: [{udp: {destinationPort: {range: {start: 9}}}}]",
            "to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 1}}, udp: {destinationPort: {number: 1}}}]",
            "to: [{namespaces: {}}], protocols: [{destinationNamedPort: No}]",
            "to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: web}]",
            "to: [{namespaces: {}}, {nodes: {}}], protocols: [{destinationNamedPort: web}]",
        ])
    func whatIsNotUnderstoodFailsClosed(_ fields: String) throws {
        for action in ["Accept", "Deny", "Pass"] {
            let (rule, diagnostics) = try rule("name: odd, action: \(action), \(fields)")
            let closed = TierPolicyRule(.egress, index: 0, name: "odd", action: .deny, peers: nil)
            #expect(rule == (action == "Accept" ? nil : closed), "\(action)")
            #expect(diagnostics.contains { $0.severity == .error && $0.object == "ClusterNetworkPolicy c" })
            #expect(diagnostics.allSatisfy { $0.field.hasPrefix("spec.egress[0]") })
        }
    }

    @Test("an unknown action denies everything", arguments: ["Allow", "Log", "accept", "''"])
    func anUnknownActionDeniesEverything(_ action: String) throws {
        let (rule, diagnostics) = try rule("action: \(action), to: [{namespaces: {}}]")
        #expect(rule == TierPolicyRule(.egress, index: 0, action: .deny, peers: nil))
        #expect(diagnostics.map(\.field) == ["spec.egress[0].action"])
    }

    static let three =
        "[{action: Accept, to: [{namespaces: {}}]}, {action: Pass, to: [{namespaces: {}}]}, {action: Deny, to: [{nodes: {}}]}]"

    @Test(
        "a policy that cannot be placed only denies",
        arguments: [
            ("Gold", "7", "{namespaces: {}}", "spec.tier"), ("null", "7", "{namespaces: {}}", "spec.tier"),
            ("Admin", "1001", "{namespaces: {}}", "spec.priority"),
            ("Admin", "-1", "{namespaces: {}}", "spec.priority"),
            ("Admin", "high", "{namespaces: {}}", "spec.priority"), ("Admin", "7", "{}", "spec.subject"),
            ("Admin", "7", "null", "spec.subject"), ("Admin", "7", "{services: {}}", "spec.subject.services"),
            ("Admin", "7", "{namespaces: {}, pods: {podSelector: {}}}", "spec.subject"),
            ("Admin", "7", "{pods: {}}", "spec.subject.pods.podSelector"),
        ])
    func aPolicyThatCannotBePlacedOnlyDenies(tier: String, priority: String, subject: String, field: String) throws {
        let (policy, diagnostics) = try policy(Self.three, tier: tier, priority: priority, subject: subject)
        #expect(
            policy.rules == [
                TierPolicyRule(.egress, index: 1, action: .deny, peers: nil),
                TierPolicyRule(.egress, index: 2, action: .deny, peers: [.nodes(LabelSelector())]),
            ])
        #expect(policy.tier == .admin && ClusterNetworkPolicy.priorities.contains(policy.priority))
        #expect(diagnostics.map(\.field) == [field])
    }

    @Test("no egress rules say nothing") func noEgressRulesSayNothing() throws {
        for egress in ["null", "[]"] { #expect(try policy(egress).policy.rules == []) }
        #expect(try policy("all").policy.rules == [TierPolicyRule(.egress, index: 0, action: .deny, peers: nil)])
        let missing = try read(
            "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: c}}")
        #expect(missing.diagnostics.map(\.field) == ["spec"])
    }

    @Test("ingress is not a matter here") func ingressIsNotAMatterHere() throws {
        let manifest = try read(
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: c}
            spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Log, from: []}]}
            """)
        #expect(manifest.diagnostics == [])
    }

    @Test("more than the API takes is applied with a warning") func moreThanTheAPITakesIsAppliedWithAWarning() throws {
        let rules = Array(repeating: "{action: Deny, to: [{namespaces: {}}]}", count: 26).joined(separator: ", ")
        let (many, said) = try policy("[\(rules)]")
        #expect(many.rules.count == 26 && said.map(\.severity) == [.warning])
        let networks = (0..<26).map { "10.\($0).0.0/16" }.joined(separator: ", ")
        let (wide, warned) = try rule("action: Deny, to: [{networks: [\(networks)]}]")
        #expect(wide?.peers?.count == 26 && warned.map(\.severity) == [.warning])
        let (_, long) = try rule("name: \(String(repeating: "n", count: 101)), action: Deny, to: [{namespaces: {}}]")
        #expect(long.map(\.field) == ["spec.egress[0].name"])
    }
}

@Suite struct AdminNetworkPolicyTests {
    func policy(kind: String, _ spec: String, name: String = "default") throws -> (ClusterNetworkPolicy, [Diagnostic]) {
        let manifest = try read(
            """
            apiVersion: policy.networking.k8s.io/v1alpha1
            kind: \(kind)
            metadata: {name: \(name)}
            spec: \(spec)
            """)
        guard case .clusterNetworkPolicy(let policy) = try #require(manifest.objects.first).object else {
            throw TextError("not a policy")
        }
        return (policy, manifest.diagnostics)
    }

    @Test("the older kinds are read as tiers") func theOlderKindsAreReadAsTiers() throws {
        let egress = """
            [{name: a, action: Allow, to: [{namespaces: {}}], ports: [{portNumber: {port: 80, protocol: TCP}},
               {portRange: {start: 1, end: 9, protocol: UDP}}, {namedPort: web}]},
             {action: Deny, to: [{networks: [10.0.0.0/8]}], ports: [{portRange: {start: 1, end: 9}}]}]
            """
        let rules = [
            TierPolicyRule(
                .egress, index: 0, name: "a", action: .accept, peers: [.pods(PodSelection())],
                ports: [PolicyPort(.tcp, .range(80...80)), PolicyPort(.udp, .range(1...9))]
                    + TransportProtocol.allCases.map { PolicyPort($0, .named("web")) }),
            TierPolicyRule(
                .egress, index: 1, action: .deny, peers: [.network(try prefix("10.0.0.0/8"))],
                ports: [PolicyPort(.tcp, .range(1...9))]),
        ]
        let (admin, said) = try policy(
            kind: "AdminNetworkPolicy", "{priority: 3, subject: {namespaces: {}}, egress: \(egress)}", name: "x")
        #expect(said == [])
        #expect(
            admin
                == ClusterNetworkPolicy(
                    kind: .adminNetworkPolicy, name: "x", tier: .admin, priority: 3, subject: PodSelection(),
                    rules: rules))
        let (baseline, also) = try policy(
            kind: "BaselineAdminNetworkPolicy", "{subject: {namespaces: {}}, egress: \(egress)}")
        #expect(also == [])
        #expect(baseline.tier == .baseline && baseline.rules == rules && baseline.kind == .baselineAdminNetworkPolicy)
        #expect(baseline.reference == ObjectReference(.baselineAdminNetworkPolicy, "", "default"))
    }

    @Test(
        "what Baseline does not know denies everything",
        arguments: [
            "{action: Pass, to: [{namespaces: {}}]}", "{action: Accept, to: [{namespaces: {}}]}",
            "{action: Deny, to: [{namespaces: {notSameLabels: [a]}}]}",
            "{action: Deny, to: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP}}]}",
            "{action: Deny, to: [{namespaces: {}}], ports: [{portNumber: {port: 1, protocol: TCP}, namedPort: a}]}",
        ])
    func whatBaselineDoesNotKnowDeniesEverything(_ rule: String) throws {
        let (policy, said) = try policy(
            kind: "BaselineAdminNetworkPolicy", "{subject: {namespaces: {}}, egress: [\(rule)]}")
        #expect(policy.rules == [TierPolicyRule(.egress, index: 0, action: .deny, peers: nil)])
        #expect(said.contains { $0.severity == .error })
    }

    @Test("other names of the Baseline are told of") func otherNamesOfTheBaselineAreToldOf() throws {
        let (_, said) = try policy(kind: "BaselineAdminNetworkPolicy", "{subject: {namespaces: {}}}", name: "second")
        #expect(said.map(\.field) == ["metadata.name"])
    }
}
