import Agent
import CSluice
import Flows
import KernelDatapath
import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite("Names for events")
struct FlowEnricherTests {
    static let cgroup = CgroupID(rawValue: 7)
    static let pod = Pod(
        key: NamespacedName("shop", "web-1"), uid: "u", labels: ["app": "web"],
        addresses: [IPAddress("10.0.0.1")!, IPAddress("fd00::1")!],
        workload: Workload(kind: "Deployment", name: "web"))

    /// What changes make of an event of class 30.
    func flow(
        _ address: String = "10.1.2.3", classes: [PeerIdentity] = [],
        cause: Cause = .isolated(by: [NamespacedName("shop", "out")]),
        residents: [CgroupID: FlowEnricher.Resident?]? = nil, _ names: (inout ClusterMetadataDelta) -> Void = { _ in },
        _ change: (inout sluice_event) -> Void = { _ in }
    ) throws -> Flow {
        var book = FlowEnricher(node: "node-1")
        var changes = FlowEnricher.Changes(
            residents: residents ?? [Self.cgroup: FlowEnricher.Resident(PodRecord(Self.pod))])
        changes.names.classes = [AddressClassID(rawValue: 30): classes]
        changes.names.causes = [CauseID(rawValue: 20): cause]
        names(&changes.names)
        book.apply(changes)
        return book.flow(
            try event(address) {
                $0.address_class = 30
                change(&$0)
            })
    }

    @Test("the source is the cgroup's pod, with its address of the family")
    func source() throws {
        let flow = try flow()
        #expect(
            flow.source
                == FlowEnd(
                    address: IPAddress("10.0.0.1"), namespace: "shop", pod: "web-1", labels: ["app": "web"],
                    workload: Workload(kind: "Deployment", name: "web")))
        #expect(flow.node == "node-1" && flow.transport.destinationPort == 443)
        #expect(try self.flow("fd00::9").source.address == IPAddress("fd00::1"))
        let told = try self.flow("fd00::9") { _ in
        } _: { raw in
            withUnsafeMutableBytes(of: &raw.source) { $0.copyBytes(from: IPAddress("fd00::7")!.bytes) }
            raw.source_port = 40_000
        }
        #expect(told.source.address == IPAddress("fd00::7") && told.transport.sourcePort == 40_000)
        let unknown = try self.flow(residents: [:]).source
        #expect(unknown == FlowEnd(cgroup: 7))
    }

    @Test("the first of endpoint, service, pod and node names the destination; else the rules' blocks do")
    func precedence() throws {
        let address = IPAddress("10.1.2.3")!
        let blocks: [PeerIdentity] = [
            .block(cidr: Prefix("0.0.0.0/0")!, except: []),
            .block(cidr: Prefix("10.0.0.0/8")!, except: [Prefix("10.9.0.0/16")!]),
            .block(cidr: Prefix("10.0.0.0/8")!, except: []),
        ]
        let node = { (names: inout ClusterMetadataDelta) in
            names.nodes = [.init(old: nil, new: Node(name: "n", addresses: [address]))]
        }
        let pod = { (names: inout ClusterMetadataDelta) in
            node(&names)
            let ports = [NamedPort(name: "sql", protocol: .tcp, number: 5432)]
            let db = Pod(key: NamespacedName("shop", "db-0"), addresses: [address], namedPorts: ports)
            names.pods = [.init(old: nil, new: PodRecord(db))]
        }
        let service = { (names: inout ClusterMetadataDelta) in
            pod(&names)
            let db = Service(key: NamespacedName("shop", "db"), addresses: [address], ports: [], selector: nil)
            names.services = [.init(old: nil, new: db)]
        }
        let external = try flow(classes: blocks)
        #expect(external.destinationKind == .external && external.destinationNames == ["10.0.0.0/8", "0.0.0.0/0"])
        let toNode = try flow(classes: blocks + [.nodes(LabelSelector())], node)
        #expect(toNode.destinationKind == .node && toNode.destinationNames == ["n"])
        let toPod = try flow(classes: blocks, pod)
        #expect(toPod.destinationKind == .pod && toPod.destinationNames == [])
        #expect(toPod.destination.key == NamespacedName("shop", "db-0") && toPod.destination.namedPorts.count == 1)
        let toService = try flow(classes: blocks, service)
        #expect(toService.destinationKind == .service && toService.service == NamespacedName("shop", "db"))
        #expect(toService.destination == FlowEnd(address: address))
        let guarded = try flow(classes: blocks + [.guarded("imds")], service)
        #expect(guarded.destinationKind == .metadata && guarded.destinationNames == ["imds"])
        let ports = try flow(classes: [.guarded(NodePorts.guardName)], node)
        #expect(ports.destinationKind == .node && ports.destinationNames == ["n"])
        let own = try flow(classes: [.ownNode])
        #expect(own.destinationKind == .node && own.destinationNames == ["node-1"])
    }

    @Test(
        "the policy that decided has kind, namespace, name and rule",
        arguments: [
            (
                Cause.rule(policy: NamespacedName("shop", "web"), rule: 2),
                FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: 2)
            ),
            (
                .isolated(by: [NamespacedName("shop", "a"), NamespacedName("shop", "b")]),
                FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "a", rule: nil)
            ),
            (.tier(accept), FlowPolicy(kind: "ClusterNetworkPolicy", namespace: "", name: "metadata", rule: 1)),
            (
                .service(NamespacedName("shop", "db"), policy: NamespacedName("shop", "web"), rule: 0),
                FlowPolicy(kind: "NetworkPolicy", namespace: "shop", name: "web", rule: 0)
            ),
            (.notIsolated, nil), (.guarded("imds"), nil),
        ] as [(Cause, FlowPolicy?)])
    func policy(_ cause: Cause, _ policy: FlowPolicy?) throws {
        let flow = try flow(cause: cause)
        #expect(flow.policy == policy)
        #expect(flow.reason == cause.reason)
        #expect(try self.flow(cause: cause, { _ in }, { $0.verdict = FlowVerdict.held.kernelValue }).policy == nil)
    }

    static let accept = TierRule(
        tier: .admin, policy: ObjectReference(.clusterNetworkPolicy, "", "metadata"), rule: 1, name: "", action: .accept
    )

    @Test("who passes a guard is told, and by whom it was opened")
    func guardPasses() throws {
        func passed(_ cause: Cause, _ classes: [PeerIdentity]) throws -> Flow {
            try flow("169.254.169.254", classes: classes, cause: cause) { _ in
            } _: {
                $0.guard = 1
                $0.verdict = FlowVerdict.allowed.kernelValue
            }
        }
        let opened = try passed(.tier(Self.accept), [.guarded("imds")])
        #expect(opened.guarded && opened.verdict == .allowed && opened.destinationKind == .metadata)
        #expect(
            opened.reason
                == "guard imds is opened: allowed by tier Admin: ClusterNetworkPolicy metadata, egress rule 1")
        #expect(try passed(.tier(Self.accept), []).reason.hasPrefix("a guard is opened: "))
        #expect(try passed(.exempted("imds"), [.guarded("imds")]).reason == Cause.exempted("imds").reason)
    }

    @Test("what goes is forgotten, and what changes is called by its new name")
    func changes() throws {
        var book = FlowEnricher(node: "node-1")
        let other = Pod(key: NamespacedName("shop", "web-1"), uid: "u", labels: ["app": "other"])
        book.apply(FlowEnricher.Changes(residents: [Self.cgroup: FlowEnricher.Resident(PodRecord(Self.pod))]))
        #expect(book.uid(Self.cgroup) == "u")
        var changes = FlowEnricher.Changes(residents: [
            Self.cgroup: FlowEnricher.Resident(PodRecord(other), isDeleted: true)
        ])
        changes.names.causes = [CauseID(rawValue: 20): .notIsolated]
        book.apply(changes)
        #expect(book.uid(Self.cgroup) == nil)
        let first = book.flow(try event())
        #expect(first.source.labels == ["app": "other"] && first.reason == Cause.notIsolated.reason)
        changes = FlowEnricher.Changes(residents: [Self.cgroup: nil])
        changes.names.causes = [CauseID(rawValue: 20): nil]
        book.apply(changes)
        let second = book.flow(try event())
        #expect(second.source == FlowEnd(cgroup: 7) && second.reason == "cause 0000000000000014")
    }
}
