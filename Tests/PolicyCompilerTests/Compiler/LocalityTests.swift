import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// What a change touches, counted in table entries.
@Suite struct LocalityTests {
    /// Two subjects' worth of policy, and 200 more policies that name the web pods.
    static func cluster() -> SmallCluster {
        var objects = [
            pod("n/client", "10.1.0.1", labels: ["app": "client"]),
            pod("n/client2", "10.1.0.2", labels: ["app": "client"]),
            pod(
                "n/web", "10.0.0.1", "fd00::1", labels: ["app": "web"],
                ports: [NamedPort(name: "web", protocol: .tcp, number: 80)]),
            pod("n/db", "10.0.0.9", labels: ["app": "db"]),
            policy(
                "n/client", on: ["app": "client"],
                rule(to: [pods(["app": "web"])], ports: [tcp(80), PolicyPort(.tcp, .named("web"))]),
                rule(1, to: [block("10.0.0.0/8", except: "10.0.0.0/24")])),
        ]
        for index in 0..<200 {
            objects.append(
                policy(
                    "n/more\(index)", on: ["app": "client"],
                    rule(index, to: [pods(["app": "web"])], ports: [tcp(UInt16(1000 + index))])))
        }
        return SmallCluster(objects)
    }

    static let web = [NamedPort(name: "web", protocol: .tcp, number: 80)]

    @Test("a pod with labels already seen is its own addresses") func aPodWithLabelsAlreadySeenIsItsOwnAddresses() {
        var cluster = Self.cluster()
        let replica = pod("n/web2", "10.0.0.2", "fd00::2", labels: ["app": "web"], ports: Self.web)
        let added = cluster.set(replica).tables
        #expect(Set(added.addresses.keys) == [Prefix("10.0.0.2/32")!, Prefix("fd00::2/128")!])
        #expect(added.count == 2)
        let removed = cluster.remove(replica).tables
        #expect(removed.addresses == [Prefix("10.0.0.2/32")!: nil, Prefix("fd00::2/128")!: nil])
        #expect(removed.count == 2)
    }

    @Test("replicas share a policy set") func replicasShareAPolicySet() {
        var cluster = Self.cluster()
        let subjects = cluster.compiler.subjects
        #expect(subjects[key("n/client")]?.policySet == subjects[key("n/client2")]?.policySet)
        let update = cluster.set(pod("n/client3", "10.1.0.3", labels: ["app": "client"]))
        #expect(update.tables.count == 1)
        #expect(update.subjects.keys.map(\.name) == ["client3"])
        #expect(cluster.compiler.subjects[key("n/client3")]?.policySet == subjects[key("n/client")]?.policySet)
    }

    @Test("a policy that selects no subject changes nothing") func aPolicyThatSelectsNoSubjectChangesNothing() {
        var cluster = Self.cluster()
        let idle = policy(
            "n/idle", on: ["app": "nobody"], rule(to: [block("192.0.2.0/24"), pods()], ports: [tcp(1...9)]))
        let added = cluster.set(idle)
        #expect(added.tables.isEmpty && added.subjects.isEmpty)
        let removed = cluster.remove(idle)
        #expect(removed.tables.isEmpty && removed.subjects.isEmpty)
        let ingress = cluster.set(policy("n/ingress", on: ["app": "client"], isolates: false, rule()))
        #expect(ingress.tables.isEmpty && ingress.subjects.isEmpty)
    }

    @Test("a peer's new labels are addresses only") func aPeersNewLabelsAreAddressesOnly() {
        var cluster = Self.cluster()
        cluster.set(pod("n/web2", "10.0.0.2", "fd00::2", labels: ["app": "web"], ports: Self.web))
        let update = cluster.set(pod("n/web2", "10.0.0.2", "fd00::2", labels: ["app": "db"]))
        #expect(update.tables.rules.isEmpty && update.tables.ports.isEmpty)
        #expect(update.tables.addresses.count == 2)
        #expect(update.subjects.isEmpty)
    }

    @Test("labels that no policy names make no rules") func labelsThatNoPolicyNamesMakeNoRules() {
        var cluster = Self.cluster()
        let update = cluster.set(pod("n/odd", "172.16.0.1", labels: ["never": "seen"]))
        #expect(update.tables.count == 1)
        #expect(update.tables.addresses.count == 1)
    }

    @Test("a new kind of peer is one rule for each set that names it")
    func aNewKindOfPeerIsOneRuleForEachSetThatNamesIt() {
        var cluster = Self.cluster()
        let update = cluster.set(pod("n/web2", "172.16.0.1", labels: ["app": "web", "version": "2"], ports: Self.web))
        // One set is in use beside the guards' own.
        #expect(update.tables.addresses.count == 1)
        #expect(update.tables.rules.count == 1)
    }

    @Test("namespace labels that no selector heeds change nothing")
    func namespaceLabelsThatNoSelectorHeedsChangeNothing() {
        var cluster = Self.cluster()
        let update = cluster.set(
            .namespace(Namespace(name: "n", labels: ["kubernetes.io/metadata.name": "n", "new": "label"])))
        #expect(update.tables.isEmpty && update.subjects.isEmpty)
    }

    @Test("audit is a flag of the subjects") func auditIsAFlagOfTheSubjects() {
        var cluster = Self.cluster()
        let update = cluster.set(.namespace(Namespace(name: "n", labels: ["sluice.dev/enforcement": "audit"])))
        #expect(update.tables.isEmpty)
        #expect(update.subjects.count == 4)
        #expect(update.subjects.values.allSatisfy { $0?.flags.contains(.audit) == true })
    }

    @Test("an endpoint that comes and goes touches its service only")
    func anEndpointThatComesAndGoesTouchesItsServiceOnly() {
        var cluster = Self.cluster()
        cluster.set(service("n/s", "10.96.0.1"), slice("n/s", of: "s", endpoint("10.0.0.1"), target: 80))
        let update = cluster.set(slice("n/s", of: "s", endpoint("10.0.0.1"), endpoint("10.0.0.9"), target: 80))
        #expect(update.tables.addresses.isEmpty)
        #expect(update.tables.rules.count == 1)
    }

    @Test("pods of other nodes are no subjects") func podsOfOtherNodesAreNoSubjects() {
        var compiler = PolicyCompiler(options: CompilerOptions(subjects: .node("here", includingUnassigned: false)))
        let update = compiler.update([
            .set(.pod(Pod(key: key("n/here"), nodeName: "here", addresses: [IPAddress("10.0.0.1")!]))),
            .set(.pod(Pod(key: key("n/there"), nodeName: "there", addresses: [IPAddress("10.0.0.2")!]))),
            .set(.pod(Pod(key: key("n/nowhere"), addresses: [IPAddress("10.0.0.3")!]))),
        ])
        #expect(update.subjects.keys.map(\.name) == ["here"])
    }
}

/// The same of the administrators' policies and of nodes.
@Suite struct TierLocalityTests {
    static func cluster() -> SmallCluster {
        SmallCluster(
            [
                pod("n/p", "10.0.0.1"), pod("m/q", "10.0.0.2"), node("a", "192.0.2.1", labels: ["name": "a"]),
                tier(.admin, on: inNamespace("n"), deny(.nodes(LabelSelector()), ports: [tcp(10250)])),
            ], options: CompilerOptions(guards: [.nodePorts()]))
    }

    @Test("a node more is its addresses") func aNodeMoreIsItsAddresses() {
        var cluster = Self.cluster()
        let update = cluster.set(node("b", "192.0.2.2", labels: ["name": "b"]))
        // The address, and what NAT64 and 6to4 make of it.
        #expect(update.tables.addresses.count == 3)
        #expect(update.tables.count == 3 && update.subjects.isEmpty)
    }

    @Test("a tier's policy touches its subjects alone") func aTiersPolicyTouchesItsSubjectsAlone() {
        var cluster = Self.cluster()
        let update = cluster.set(tier(.baseline, 1, "other", on: inNamespace("m"), deny(network("192.0.2.0/24"))))
        #expect(update.subjects.keys.map(\.name) == ["q"])
        #expect(cluster.set(tier(.baseline, 2, "nobody", on: inNamespace("x"), deny(namespace("m")))).subjects.isEmpty)
        #expect(cluster.set(tier(.admin, 3, "silent")).tables.isEmpty)
    }

    @Test("a label of a namespace makes its pods subjects") func aLabelOfANamespaceMakesItsPodsSubjects() {
        var cluster = Self.cluster()
        cluster.set(
            tier(
                .admin, 5, "team", on: PodSelection(namespaces: LabelSelector(matchLabels: ["team": "x"])),
                deny(network("192.0.2.9/32"))))
        let labels = ["kubernetes.io/metadata.name": "m", "team": "x"]
        let update = cluster.set(.namespace(Namespace(name: "m", labels: labels)))
        #expect(update.subjects.keys.map(\.name) == ["q"])
        let back = cluster.set(.namespace(Namespace(name: "m", labels: ["kubernetes.io/metadata.name": "m"])))
        #expect(back.subjects.keys.map(\.name) == ["q"])
    }
}
