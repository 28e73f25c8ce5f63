import PolicyModel

/// Lets equal values share memory: namespaces, node names, labels and ports are
/// the same in thousands of pods.
///
/// Values wait in two generations, of which the older is dropped when the
/// younger is full, so that what the cluster no longer has is forgotten.
struct Interner: Sendable {
    private var texts = Generations<String>()
    private var labels = Generations<Labels>()
    private var ports = Generations<[NamedPort]>()

    mutating func intern(_ object: inout ClusterObject) {
        switch object {
        case .pod(var pod):
            pod.key.namespace = text(pod.key.namespace)
            pod.nodeName = text(pod.nodeName)
            pod.serviceAccount = text(pod.serviceAccount)
            pod.labels = labels(pod.labels)
            pod.namedPorts = ports.shared(pod.namedPorts)
            pod.runtimeClass = pod.runtimeClass.map { text($0) }
            pod.workload = pod.workload.map { Workload(kind: text($0.kind), name: text($0.name)) }
            object = .pod(pod)
        case .service(var service):
            service.key.namespace = text(service.key.namespace)
            service.selector = service.selector.map { labels($0) }
            object = .service(service)
        case .endpointSlice(var slice):
            slice.key.namespace = text(slice.key.namespace)
            slice.serviceName = text(slice.serviceName)
            object = .endpointSlice(slice)
        case .networkPolicy(var policy):
            policy.key.namespace = text(policy.key.namespace)
            object = .networkPolicy(policy)
        case .namespace, .node, .runtimeClass, .clusterNetworkPolicy: break
        }
    }

    private mutating func text(_ text: String) -> String {
        // Shorter ones are held in place.
        text.utf8.count <= 15 ? text : texts.shared(text)
    }

    private mutating func labels(_ given: Labels) -> Labels {
        if let same = labels.find(given) { return same }
        var shared = Labels(minimumCapacity: given.count)
        for (key, value) in given { shared[text(key)] = text(value) }
        return labels.shared(shared)
    }
}

/// A set whose values are forgotten if they are not asked for.
struct Generations<Value: Hashable & Sendable>: Sendable {
    private static var capacity: Int { 16_384 }
    private var young: Set<Value> = []
    private var old: Set<Value> = []

    /// A value equal to this one that is there already.
    mutating func find(_ value: Value) -> Value? {
        if let index = young.firstIndex(of: value) { return young[index] }
        guard let index = old.firstIndex(of: value) else { return nil }
        let same = old[index]
        insert(same)
        return same
    }

    /// A value equal to this one: one that is there already, or else this one.
    mutating func shared(_ value: Value) -> Value {
        if let same = find(value) { return same }
        insert(value)
        return value
    }

    private mutating func insert(_ value: Value) {
        if young.count >= Self.capacity {
            old = young
            young = []
        }
        young.insert(value)
    }
}
