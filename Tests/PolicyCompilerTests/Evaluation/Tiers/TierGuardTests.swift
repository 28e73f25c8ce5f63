import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// Guards between the tiers: after Admin, before NetworkPolicy.
@Suite struct TierGuardTests {
    static let imds = "169.254.169.254"
    static let pods = [
        pod("n/p", "10.0.0.1"), pod("m/q", "10.0.0.2"), pod("m/host", "192.0.2.7", hostNetwork: true),
        node("a", "192.0.2.7", "fd00::7"),
    ]

    @Test("an Accept opens a guard for its subject and its ports alone")
    func acceptOpens() throws {
        var cluster = SmallCluster(
            Self.pods + [
                tier(.admin, on: inNamespace("n"), accept(network("169.254.169.254/32"), ports: [tcp(80)])),
                policy("m/open", rule(to: [block("0.0.0.0/0")])),
            ])
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .allowGuarded)
        #expect(try cluster.action("n/p", to: Self.imds, 81) == .guard)
        #expect(try cluster.action("n/p", to: "169.254.170.2", 80) == .guard)
        #expect(try cluster.action("m/q", to: Self.imds, 80) == .guard)
        // The translated forms are addresses of their own.
        #expect(try cluster.action("n/p", to: "64:ff9b::a9fe:a9fe", 80) == .guard)
        cluster.set(tier(.admin, on: inNamespace("n"), deny(network("169.254.169.254/32"))))
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .guard)
    }

    @Test("Pass leads to the guards, and nothing after them opens one")
    func passLeadsToGuards() throws {
        let cluster = SmallCluster(
            Self.pods + [
                tier(.admin, pass(network("0.0.0.0/0")), accept(network("0.0.0.0/0"))),
                tier(.baseline, 1, "base", accept(network("0.0.0.0/0"))), policy("n/open", rule()),
            ])
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .guard)
        #expect(try cluster.action("m/q", to: Self.imds, 80) == .guard)
    }

    @Test("what policy denies and a guard too is the guard's, so that policy's audit mode does not open it")
    func deniedAndGuarded() throws {
        let cluster = SmallCluster(Self.pods + [tier(.admin, deny(network("0.0.0.0/0")))])
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .guard)
        #expect(try cluster.action("n/p", to: Self.imds, 53) == .deny)
        guard case .tier(let rule)? = try cluster.cause("n/p", to: Self.imds, 80) else {
            Issue.record("the rule is who decided")
            return
        }
        #expect(rule.policy == ObjectReference(.clusterNetworkPolicy, "", "cnp"))
    }

    @Test("a guard in audit mode passes what policy allows, and opens nothing that it denies")
    func auditGuard() throws {
        var options = CompilerOptions()
        for place in options.guards.indices { options.guards[place].mode = .audit }
        var cluster = SmallCluster(Self.pods, options: options)
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .audit)
        #expect(try cluster.cause("n/p", to: Self.imds, 80) == .guarded("imds"))
        cluster.set(policy("n/none"))
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .deny)
        cluster.set(tier(.admin, accept(network("169.254.0.0/16"))))
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .allowGuarded)
    }

    @Test("each kind of guard has its own mode and its own exemptions")
    func kindsAreApart() throws {
        let options = CompilerOptions(
            guards: MetadataEndpoint.defaultGuards + [.nodePorts(mode: .audit)],
            exemptions: [
                GuardExemption(from: .metadata, namespace: "n"), GuardExemption(from: .nodePorts, namespace: "m"),
            ])
        let cluster = SmallCluster(Self.pods, options: options)
        #expect(try cluster.action("n/p", to: Self.imds, 80) == .allowGuarded)
        #expect(try cluster.action("n/p", to: "192.0.2.7", 10250) == .audit)
        #expect(try cluster.action("m/q", to: Self.imds, 80) == .guard)
        #expect(try cluster.action("m/q", to: "192.0.2.7", 10250) == .allowGuarded)
        #expect(cluster.compiler.subjects[key("n/p")]?.exemptions.contains(.metadata) == true)
        #expect(cluster.compiler.subjects[key("m/q")]?.exemptions.contains(.metadata) == false)
    }

    @Test("the node-port guard follows the nodes, on its ports alone")
    func nodePorts() throws {
        var cluster = SmallCluster(
            Self.pods + [pod("k/host", "192.0.2.8", hostNetwork: true), policy("n/open", rule())],
            options: CompilerOptions(guards: [.nodePorts()]))
        let guarded: [UInt16] = [10250, 10255, 10256, 10257, 10259, 2379, 2380, 4149, 9099]
        for port in guarded {
            for pod in ["n/p", "m/q", "m/host"] {
                #expect(try cluster.action(pod, to: "192.0.2.7", port) == .guard)
                #expect(try cluster.action(pod, to: "64:ff9b::c000:207", port) == .guard)
                #expect(try cluster.action(pod, to: "192.0.2.8", port) == .allow)
            }
            #expect(try cluster.action("n/p", to: "192.0.2.7", port, protocol: udp) == .allow)
        }
        for port: UInt16 in [22, 443, 2378, 2381, 6443, 10249, 10251, 10258] {
            #expect(try cluster.action("n/p", to: "192.0.2.7", port) == .allow)
        }
        #expect(try cluster.cause("n/p", to: "fd00::7", 10250) == .guarded(NodePorts.guardName))
        cluster.set(node("b", "192.0.2.8"))
        #expect(try cluster.action("n/p", to: "192.0.2.8", 10250) == .guard)
        cluster.set(node("a", "192.0.2.9"))
        #expect(try cluster.action("n/p", to: "192.0.2.7", 10250) == .allow)
        #expect(try cluster.action("n/p", to: "192.0.2.9", 10250) == .guard)
        cluster.remove(node("b"))
        #expect(try cluster.action("n/p", to: "192.0.2.8", 10250) == .allow)
    }
}
