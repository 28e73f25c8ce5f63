import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// Who is to thank: causes and names.
@Suite struct ExplanationTests {
    static let cluster = SmallCluster([
        pod("n/p", "10.0.0.1", labels: ["app": "p"]), pod("n/web", "10.0.0.2", labels: ["app": "web"]),
        pod("m/free", "10.0.0.3"), service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.2")),
        service("n/none", "10.96.0.2"),
        policy("n/a", on: ["app": "p"], rule(3, to: [pods(["app": "web"])], ports: [tcp(8080)])),
        policy("n/b", on: ["app": "p"], rule(0, to: [block("192.0.2.0/24", except: "192.0.2.9/32")])),
    ])

    @Test(
        "the cause names who decided",
        arguments: [
            ("n/p", "10.0.0.2", 8080, .rule(policy: key("n/a"), rule: 3)),
            ("n/p", "192.0.2.1", 1, .rule(policy: key("n/b"), rule: 0)),
            ("n/p", "192.0.2.9", 1, .isolated(by: [key("n/a"), key("n/b")])),
            ("n/p", "10.0.0.2", 80, .isolated(by: [key("n/a"), key("n/b")])),
            ("n/p", "10.96.0.1", 80, .service(key("n/s"), policy: key("n/a"), rule: 3)),
            ("n/p", "10.96.0.2", 80, .serviceDenied(key("n/none"), endpoint: nil)),
            ("m/free", "192.0.2.1", 80, .notIsolated),
            ("n/p", "169.254.169.254", 80, .guarded("imds")),
            ("m/free", "2002:a9fe:aa02::1", 80, .guarded("aws-ecs")),
        ] as [(String, String, UInt16, Cause)])
    func theCauseNamesWhoDecided(pod: String, address: String, port: UInt16, cause: Cause) throws {
        #expect(try Self.cluster.cause(pod, to: address, port) == cause)
    }

    @Test("classes and sets have names") func classesAndSetsHaveNames() throws {
        let compiler = Self.cluster.compiler
        let names = compiler.names
        let web = compiler.tables.addressClass(of: IPAddress("10.0.0.2")!)
        #expect(names.classes[web] == [.pods(namespace: "n", labels: ["app": "web"], ports: [])])
        let set = try #require(compiler.subjects[key("n/p")]?.policySet)
        #expect(
            names.policySets[set]
                == IdentifierLegend.PolicySet(
                    policies: ["a", "b"].map { ObjectReference(.networkPolicy, "n", $0) }, exempt: false))
        for rule in compiler.tables.rules {
            if case .always(let decision) = rule.value { #expect(names.causes[decision.cause] != nil) }
            if case .byPort(_, let otherwise, _) = rule.value, otherwise != .none {
                #expect(names.causes[otherwise] != nil)
            }
        }
        for decision in compiler.tables.ports.values { #expect(names.causes[decision.cause] != nil) }
    }

    @Test("the guard that guards the port is the one named") func theGuardThatGuardsThePortIsTheOneNamed() throws {
        let guards =
            MetadataEndpoint.defaultGuards
            + [Guard(name: "a-range", destinations: [Prefix("169.254.0.0/16")!], ports: .tcp([1...9]))]
        let cluster = SmallCluster(
            [pod("m/p", "10.0.0.1"), service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("169.254.169.254"))],
            options: CompilerOptions(guards: guards))
        #expect(try cluster.cause("m/p", to: "10.96.0.1", 80) == .serviceGuarded(key("n/s"), guard: "imds"))
        #expect(try cluster.cause("m/p", to: "169.254.169.254", 5) == .guarded("a-range"))
    }

    /// Causes are forgotten now and then, but none that may still be named.
    @Test("a rule that nothing matched for long still has a name")
    func aRuleThatNothingMatchedForLongStillHasAName() throws {
        var cluster = SmallCluster([
            pod("n/p", "10.0.0.1"), policy("n/patient", rule(7, to: [pods(["app": "late"])])),
        ])
        for index in 0..<2600 {
            let passing = policy("n/passing\(index)", rule(to: [block("192.0.2.0/24")]))
            cluster.set(passing)
            cluster.remove(passing)
        }
        #expect(cluster.compiler.names.causes.count < 5000)
        cluster.set(pod("n/late", "10.0.0.2", labels: ["app": "late"]))
        #expect(try cluster.cause("n/p", to: "10.0.0.2", 80) == .rule(policy: key("n/patient"), rule: 7))
        #expect(try cluster.cause("n/p", to: "169.254.170.2", 80) == .guarded("aws-ecs"))
    }
}
