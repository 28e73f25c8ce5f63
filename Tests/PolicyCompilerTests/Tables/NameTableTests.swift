import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite("Domain names in the tables")
struct NameTableTests {
    static let pods = NameRuleTests.pods
    static let everywhere = NameRuleTests.everywhere

    @Test("without a rule for names the tables hold nothing of them")
    func noCost() {
        let cluster = SmallCluster(
            Self.pods + [
                tier(.admin, accept(network("192.0.2.0/24"), ports: [tcp(80)]), Self.everywhere), policy("n/p", rule()),
            ])
        let tables = cluster.compiler.tables
        #expect(tables.names.isEmpty && !tables.rules.keys.contains { $0.addressClass.nameClass != nil })
        #expect(tables.ports.values.allSatisfy { $0.dnsPrecedence == .first })
    }

    @Test("all names of a list share a class, and names of the same lists share one")
    func classes() throws {
        let many = (0..<25).map { "n\($0).example" }
        let cluster = SmallCluster(
            Self.pods + [
                tier(.admin, 1, "a", accept(.domains(many.map { DomainPattern($0)! })), Self.everywhere),
                tier(.admin, 2, "b", accept(names("n0.example", "n1.example", "*.x"))),
            ])
        let tables = cluster.compiler.tables
        #expect(tables.names.count == 26 && Set(tables.names.values).count == 3)
        #expect(tables.nameClass(of: DomainName("n0.example")!) == tables.nameClass(of: DomainName("N1.example.")!))
        #expect(tables.nameClass(of: DomainName("n2.example")!) != tables.nameClass(of: DomainName("n1.example")!))
        #expect(
            tables.nameClass(of: DomainName("a.n2.example")!) == nil && tables.nameClass(of: DomainName("x.y")!) == nil)
        let id = try #require(tables.nameClass(of: DomainName("n1.example")!))
        #expect(id.rawValue >> 62 == 1)
        #expect(cluster.compiler.names.nameClasses[id]?.count == 2)
        // One set, three classes, none for private answers.
        #expect(tables.rules.keys.count { $0.addressClass.nameClass != nil } == 3)
    }

    @Test("an exact name below a wildcard is both")
    func overlay() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(
                    .admin, accept(names("*.x"), ports: [tcp(80)]), accept(names("a.x"), ports: [tcp(443)]),
                    Self.everywhere)
            ])
        #expect(try cluster.allows(80, as: "a.x") && cluster.allows(443, as: "a.x"))
        #expect(try cluster.allows(80, as: "b.x") && !cluster.allows(443, as: "b.x"))
        #expect(try cluster.allows(80, as: "c.a.x") && !cluster.allows(443, as: "c.a.x"))
    }

    @Test("rules know their place, and a port that cannot be read has the least of all")
    func precedence() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(
                    .admin, accept(names("a.x")), deny(network("203.0.113.0/24"), ports: [tcp(25)]),
                    accept(names("b.x"), ports: [tcp(443)]), Self.everywhere)
            ])
        let tables = cluster.compiler.tables
        let set = try #require(cluster.compiler.subjects[key("n/p")]?.policySet)
        #expect(cluster.compiler.subjects[key("n/p")]?.flags.contains(.names) == true)
        func base(_ port: UInt16) throws -> Precedence {
            try cluster.judge(to: "203.0.113.7", port).decision.dnsPrecedence
        }
        #expect(try base(25) == Precedence(admin: 1) && base(443) == Precedence(admin: 2))
        let rule = try #require(tables.rules[RuleKey(set, tables.addressClass(of: IPAddress("203.0.113.7")!))])
        guard case .byPort(_, _, let names) = rule else {
            Issue.record("\(rule)")
            return
        }
        #expect(names == Precedence(admin: 1))
        func said(_ name: String) throws -> Rule? {
            let id = try #require(tables.nameClass(of: DomainName(name)!))
            #expect(tables.rules[RuleKey(set, id, privateAnswer: true)] == nil)
            return tables.rules[RuleKey(set, id, privateAnswer: false)]
        }
        guard case .always(let first)? = try said("a.x"), case .byPort(_, .none, .noName)? = try said("b.x") else {
            Issue.record("\(try said("a.x") as Any), \(try said("b.x") as Any)")
            return
        }
        #expect(first.dnsPrecedence == Precedence(admin: 1, grace: Precedence.defaultGrace))
    }

    @Test("a policy that changes touches its own names alone")
    func locality() throws {
        var cluster = SmallCluster(
            Self.pods + [
                tier(.admin, 1, "a", on: inNamespace("n"), accept(names("*.one.x", "two.x")), Self.everywhere),
                tier(.admin, 2, "b", on: inNamespace("m"), accept(names("three.x")), Self.everywhere),
            ])
        let before = cluster.compiler.tables
        let update = cluster.set(tier(.admin, 2, "b", on: inNamespace("m"), accept(names("four.x")), Self.everywhere))
        #expect(Set(update.tables.names.keys.map(\.description)) == ["three.x", "four.x"])
        let set = try #require(cluster.compiler.subjects[key("n/p")]?.policySet)
        #expect(!update.tables.rules.keys.contains { $0.policySet == set })
        cluster.set(tier(.admin, 2, "b", on: inNamespace("m"), accept(names("three.x")), Self.everywhere))
        #expect(cluster.compiler.tables == before)
        cluster.remove(tier(.admin, 2, "b", on: inNamespace("m")))
        cluster.remove(tier(.admin, 1, "a", on: inNamespace("n")))
        #expect(cluster.compiler.tables.names.isEmpty)
        #expect(cluster.compiler.tables == SmallCluster(Self.pods).compiler.tables)
    }

    @Test("what has no number is an error, opens nothing, and leaves the rest as it is")
    func tooMany() throws {
        let count = 65_536
        let rules = (0..<count).map { TierPolicyRule(.egress, index: $0, action: .accept, peers: [names("n\($0).x")]) }
        func policy(_ name: String, _ priority: Int, _ rules: [TierPolicyRule]) -> ClusterObject {
            .clusterNetworkPolicy(
                ClusterNetworkPolicy(
                    name: name, tier: .admin, priority: priority, subject: inNamespace("n"), rules: rules))
        }
        var cluster = SmallCluster(
            Self.pods + [
                policy("first", 1, Array(rules[..<65_000])), policy("second", 2, Array(rules[65_000...])),
                policy("last", 3, [Self.everywhere]),
            ])
        #expect(try cluster.allows(as: "n0.x") && cluster.allows(as: "n65533.x"))
        #expect(try !cluster.allows(as: "n65534.x") && !cluster.allows(as: "n65535.x"))
        let errors = cluster.compiler.warnings.filter { $0.severity == .error }
        #expect(errors.map(\.object) == ["ClusterNetworkPolicy second"])
        #expect(errors.first?.message.contains("65534") == true)
        cluster.set(policy("second", 2, Array(rules[65_000..<65_534])))
        #expect(cluster.compiler.warnings.isEmpty)
    }
}
