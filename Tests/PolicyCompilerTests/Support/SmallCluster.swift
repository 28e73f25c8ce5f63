import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// A cluster written out in a test: objects in, verdicts out.
struct SmallCluster {
    var compiler: PolicyCompiler

    init(_ objects: [ClusterObject] = [], options: CompilerOptions = CompilerOptions()) {
        compiler = PolicyCompiler(options: options)
        _ = compiler.update(objects.map { .set($0) })
    }

    @discardableResult
    mutating func set(_ objects: ClusterObject...) -> PolicyCompiler.Update {
        compiler.update(objects.map { .set($0) })
    }

    @discardableResult
    mutating func remove(_ object: ClusterObject) -> PolicyCompiler.Update {
        compiler.update([.remove(object.reference)])
    }

    func judge(_ pod: String, to address: String, _ port: UInt16 = 0, protocol number: UInt8 = 6) throws -> Decision {
        let name = pod.split(separator: "/").map(String.init)
        let subject = try #require(compiler.subjects[NamespacedName(name[0], name[1])])
        let address = try #require(IPAddress(address))
        return try compiler.tables.judge(subject.policySet, to: address, protocol: number, port: port).decision
    }

    func action(_ pod: String, to address: String, _ port: UInt16 = 0, protocol number: UInt8 = 6) throws -> Action {
        try judge(pod, to: address, port, protocol: number).action
    }

    func cause(_ pod: String, to address: String, _ port: UInt16 = 0, protocol number: UInt8 = 6) throws -> Cause? {
        compiler.cause(try judge(pod, to: address, port, protocol: number).cause)
    }
}

// MARK: Short spellings

let udp: UInt8 = 17
let sctp: UInt8 = 132
let icmp: UInt8 = 1

func key(_ text: String) -> NamespacedName {
    let parts = text.split(separator: "/").map(String.init)
    return NamespacedName(parts[0], parts[1])
}

func pod(
    _ name: String, _ addresses: String..., labels: Labels = [:], ports: [NamedPort] = [],
    hostNetwork: Bool = false, finished: Bool = false, account: String = "default"
) -> ClusterObject {
    .pod(
        Pod(
            key: key(name), labels: labels, serviceAccount: account, hostNetwork: hostNetwork,
            finished: finished, addresses: addresses.map { IPAddress($0)! }, namedPorts: ports))
}

func policy(
    _ name: String, on selector: Labels = [:], isolates: Bool = true, _ rules: PolicyRule...
) -> ClusterObject {
    .networkPolicy(
        NetworkPolicy(
            key: key(name), podSelector: LabelSelector(matchLabels: selector), isolates: isolates ? [.egress] : [],
            rules: rules))
}

func rule(_ index: Int = 0, to peers: [Peer]? = nil, ports: [PolicyPort]? = nil) -> PolicyRule {
    PolicyRule(.egress, index: index, peers: peers, ports: ports)
}

func block(_ cidr: String, except: String...) -> Peer {
    .block(IPBlock(Prefix(cidr)!, except: except.map { Prefix($0)! }))
}

func pods(_ labels: Labels = [:]) -> Peer { .pods(in: .own, LabelSelector(matchLabels: labels)) }

func pods(_ labels: Labels = [:], inNamespaces namespaces: Labels) -> Peer {
    .pods(in: .matching(LabelSelector(matchLabels: namespaces)), LabelSelector(matchLabels: labels))
}

func tcp(_ range: ClosedRange<UInt16>) -> PolicyPort { PolicyPort(.tcp, .range(range)) }
func tcp(_ port: UInt16) -> PolicyPort { tcp(port...port) }

func service(_ name: String, _ addresses: String..., ports: [UInt16] = [80]) -> ClusterObject {
    .service(
        Service(
            key: key(name), addresses: addresses.map { IPAddress($0)! },
            ports: ports.map { Service.Port(name: "p\($0)", protocol: .tcp, number: $0, target: .number(8080)) },
            selector: nil))
}

/// Endpoints of a service's port 80 on 8080.
func slice(_ name: String, of service: String, _ endpoints: EndpointSlice.Endpoint..., target: UInt16 = 8080)
    -> ClusterObject
{
    .endpointSlice(
        EndpointSlice(
            key: key(name), serviceName: service,
            ports: [EndpointSlice.Port(name: "p80", protocol: .tcp, number: target)], endpoints: endpoints))
}

func endpoint(_ addresses: String..., ready: Bool = true, serving: Bool = false) -> EndpointSlice.Endpoint {
    EndpointSlice.Endpoint(
        addresses: addresses.map { IPAddress($0)! }, ready: ready, servingWhileTerminating: serving)
}
