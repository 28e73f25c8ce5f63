import AgentAPI
import AgentConfiguration
import Flows
import PolicyCompiler
import PolicyModel

/// Flows that are recorded for `sluice learn`.
extension Agent {
    /// Its `note` is a sink for flows, its `run` a service; nil where nothing is recorded.
    nonisolated func makeRecorder() -> FlowRecorder? {
        let learning = configuration.learning
        guard learning.enabled else { return nil }
        return FlowRecorder(
            FlowRecorder.Settings(
                directory: learning.directory
                    ?? Configuration.recordDirectory(stateDirectory: configuration.stateDirectory),
                fallback: configuration.stateDirectory,
                limit: Int(learning.maxRecords)),
            describe: { await self.describe(services: $0, namespaces: $1) },
            setCondition: { await self.setCondition($0, $1) })
    }

    private func describe(services: Set<NamespacedName>, namespaces: Set<String>) -> RecordedCluster {
        RecordedCluster(services: services, namespaces: namespaces, in: node.compiler)
    }
}

extension RecordedCluster {
    init(services: Set<NamespacedName>, namespaces: Set<String>, in compiler: PolicyCompiler) {
        let known = services.sorted().compactMap { RecordedService($0, in: compiler) }
        let named = namespaces.union(known.flatMap { $0.ways.compactMap(\.pods?.namespace) })
        self.init(
            namespaces: Dictionary(uniqueKeysWithValues: named.map { ($0, compiler.cluster.labels(ofNamespace: $0)) }),
            services: known)
    }
}

extension RecordedService {
    /// Endpoints of one port beyond these are not looked at: they lead to the same
    /// pods, and whoever asks waits.
    private static let mostEndpoints = 100

    init?(_ key: NamespacedName, in compiler: PolicyCompiler) {
        guard let service = compiler.cluster.service(key) else { return nil }
        var ways: [Way] = []
        for slice in compiler.cluster.endpointSlices(of: key) {
            for port in slice.ports {
                guard let number = port.number,
                    let frontend = service.ports.first(where: {
                        $0.name == port.name && $0.protocol == port.protocol
                    })
                else { continue }
                for address in slice.endpoints.filter(\.ready).flatMap(\.addresses).prefix(Self.mostEndpoints) {
                    let pods = compiler.pods(at: address).first
                    let names = (pods?.ports ?? []).filter { $0.number == number && $0.protocol == port.protocol }
                    ways.append(
                        Way(
                            protocol: port.protocol, port: frontend.number, address: address, targetPort: number,
                            pods: pods.map { FlowParty(namespace: $0.namespace, labels: $0.labels) },
                            portNames: Set(names.map(\.name)).sorted()))
                }
            }
        }
        self.init(key, addresses: service.addresses, ways: ways)
    }
}
