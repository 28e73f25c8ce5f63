import PolicyCompiler
import PolicyModel
import TestHarness

/// A cluster that changes at random, the same way for the same seed.
struct RandomCluster {
    fileprivate(set) var random: SplitMix64
    private(set) var objects: [ObjectReference: ClusterObject] = [:]
    let options: CompilerOptions

    init(seed: UInt64, size: Int) {
        random = SplitMix64(seed: seed)
        var options = CompilerOptions()
        if random.oneIn(3) {
            options.guards.append(
                Guard(
                    name: "zz-range", destinations: [Prefix("10.0.0.8/30")!, Prefix("fd00::4/127")!],
                    ports: .tcp([80...81, 1024...2047])))
        }
        if random.oneIn(3) {
            options.exemptions = random.list(1...2) { random in
                GuardExemption(
                    from: random.pick(Guard.Kind.allCases), namespace: random.pick(Alphabet.namespaces),
                    serviceAccount: random.oneIn(2) ? "trusted" : nil,
                    podSelector: random.oneIn(2) ? random.selector() : nil)
            }
        }
        if random.oneIn(2) { options.guards.append(.nodePorts(mode: random.oneIn(3) ? .audit : .enforce)) }
        if random.oneIn(4) {
            for place in options.guards.indices where random.oneIn(2) { options.guards[place].mode = .audit }
        }
        if random.oneIn(5) { options.allowedNodeAddresses = [Alphabet.podAddresses[3], Alphabet.podAddresses[17]] }
        self.options = options
        for _ in 0..<size { _ = change() }
    }

    /// In an order that does not depend on hash seeds.
    var sortedObjects: [ClusterObject] { objects.sorted { $0.key < $1.key }.map(\.value) }

    var pods: [Pod] {
        sortedObjects.compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    }

    /// One change: mostly a new or edited object, now and then one that goes.
    mutating func change() -> ClusterChange {
        if random.oneIn(5), !objects.isEmpty { return remove() }
        let object = object()
        objects[object.reference] = object
        return .set(object)
    }

    mutating func remove() -> ClusterChange {
        let reference = random.pick(objects.keys.sorted())
        objects[reference] = nil
        return .remove(reference)
    }

    private mutating func key(_ prefix: String, _ count: Int) -> NamespacedName {
        NamespacedName(random.pick(Alphabet.namespaces), "\(prefix)\(random.number(1...count))")
    }

    private mutating func object() -> ClusterObject {
        switch random.number(0...25) {
        case 0...1: .namespace(namespace())
        case 2...9: .pod(pod())
        case 10...14: .networkPolicy(policy())
        case 15...16: .service(service())
        case 17...18: .node(node())
        case 19...22: .clusterNetworkPolicy(clusterPolicy())
        default: .endpointSlice(slice())
        }
    }

    private mutating func namespace() -> Namespace {
        let name = random.pick(Alphabet.namespaces)
        var labels = random.labels()
        labels["kubernetes.io/metadata.name"] = name
        if random.oneIn(6) { labels["sluice.dev/enforcement"] = "audit" }
        return Namespace(name: name, labels: labels)
    }

    private mutating func pod() -> Pod {
        let key = key("p", 8)
        // Often the same pod with something else about it.
        if case .pod(var pod)? = objects[ObjectReference(.pod, key)], random.oneIn(2) {
            switch random.number(0...4) {
            case 0: pod.labels = random.labels()
            case 1: pod.addresses = random.list(0...2) { $0.pick(Alphabet.podAddresses) }
            case 2: pod.finished.toggle()
            case 3: pod.namedPorts = random.list(0...3) { $0.namedPort() }.sorted()
            default: pod.hostNetwork.toggle()
            }
            return pod
        }
        return Pod(
            key: key, labels: random.labels(),
            serviceAccount: random.oneIn(3) ? "trusted" : "default",
            hostNetwork: random.oneIn(8), finished: random.oneIn(8),
            addresses: random.list(random.oneIn(8) ? 0...0 : 1...3) { $0.pick(Alphabet.podAddresses) },
            namedPorts: random.list(0...3) { $0.namedPort() })
    }

    private mutating func policy() -> NetworkPolicy {
        let count = random.oneIn(6) ? 0 : random.number(1...4)
        return NetworkPolicy(
            key: key("policy", 4), podSelector: random.selector(), isolates: !random.oneIn(6) ? [.egress] : [],
            rules: (0..<count).map { random.rule($0) })
    }

    private mutating func node() -> Node {
        Node(
            name: "node\(random.number(1...4))", labels: random.labels(),
            addresses: random.list(0...3) { $0.pick(Alphabet.nodeAddresses) })
    }

    private mutating func clusterPolicy() -> ClusterNetworkPolicy {
        let kind: ClusterNetworkPolicy.Kind =
            random.oneIn(6)
            ? .adminNetworkPolicy : random.oneIn(6) ? .baselineAdminNetworkPolicy : .clusterNetworkPolicy
        let tier: ClusterNetworkPolicy.Tier =
            switch kind {
            case .adminNetworkPolicy: .admin
            case .baselineAdminNetworkPolicy: .baseline
            case .clusterNetworkPolicy: random.pick(ClusterNetworkPolicy.Tier.allCases)
            }
        let priority = kind == .baselineAdminNetworkPolicy ? 1000 : random.pick([0, 1, 1, 10, 1000])
        return ClusterNetworkPolicy(
            kind: kind, name: "c\(random.number(1...3))", tier: tier, priority: priority,
            subject: PodSelection(namespaces: random.selector(namespaces: true), pods: random.selector()),
            rules: (0..<(random.oneIn(8) ? 0 : random.number(1...5))).map {
                random.clusterRule($0, named: tier == .admin)
            },
            allowsPrivateAnswers: random.oneIn(2))
    }

    private mutating func service() -> Service {
        Service(
            key: key("s", 3),
            addresses: random.list(0...2) { $0.pick(Alphabet.serviceAddresses) },
            ports: random.list(1...3) { random in
                Service.Port(
                    name: random.pick(["", "one", "two"]), protocol: random.pick(Alphabet.protocols),
                    number: random.pick([53, 80, 443]), target: .number(8080))
            }, selector: nil)
    }

    private mutating func slice() -> EndpointSlice {
        EndpointSlice(
            key: key("slice", 5), serviceName: "s\(random.number(1...3))",
            ports: random.list(1...3) { random in
                EndpointSlice.Port(
                    name: random.pick(["", "one", "two"]), protocol: random.pick(Alphabet.protocols),
                    number: random.oneIn(10) ? nil : random.pick([53, 80, 81, 8080]))
            },
            endpoints: random.list(0...3) { random in
                let pool = random.oneIn(8) ? Alphabet.everyAddress : Alphabet.podAddresses
                return EndpointSlice.Endpoint(
                    addresses: random.list(1...2) { $0.pick(pool) }, ready: !random.oneIn(4),
                    servingWhileTerminating: random.oneIn(4))
            })
    }
}

extension RandomCluster {
    mutating func shuffled() -> [ClusterObject] { sortedObjects.shuffled(using: &random) }
}
