package import Flows
package import KernelDatapath
package import PolicyCompiler
import PolicyModel
package import VerdictTables

/// The names behind what the kernel tells by numbers and addresses.
///
/// It is told what changes and nothing else; what an event costs does not depend
/// on how many pods there are.
package struct FlowEnricher: Sendable {
    /// The pod that a cgroup of this node is.
    package struct Resident: Sendable {
        package var record: PodRecord
        /// The cluster has deleted it, but its cgroup is still there.
        package var isDeleted: Bool

        package init(_ record: PodRecord, isDeleted: Bool = false) {
            self.record = record
            self.isDeleted = isDeleted
        }
    }

    package struct Changes: Sendable {
        /// Nil for a cgroup that is no known pod's any more.
        package var residents: [CgroupID: Resident?]
        package var names: ClusterMetadataDelta

        package init(residents: [CgroupID: Resident?] = [:], names: ClusterMetadataDelta = ClusterMetadataDelta()) {
            self.residents = residents
            self.names = names
        }
    }

    private let node: String
    private var residents: [CgroupID: Resident] = [:]
    private var addresses = AddressBook()
    private var classes: [AddressClassID: ClassNames] = [:]
    private var causes = Cause.ofPrograms
    /// What was made of causes lately: few of many decide.
    private var texts: [CauseID: CauseText] = [:]

    private static let mostTexts = 512

    package init(node: String) { self.node = node }

    package mutating func apply(_ changes: Changes) {
        for (cgroup, resident) in changes.residents { residents[cgroup] = resident }
        addresses.apply(changes.names)
        for (id, identities) in changes.names.classes { classes[id] = identities.flatMap(ClassNames.init) }
        for (id, cause) in changes.names.causes {
            causes[id] = cause
            texts[id] = nil
        }
    }

    /// The uid of the pod that the API knows; nil if it knows none there.
    package func uid(_ cgroup: CgroupID) -> String? {
        guard let resident = residents[cgroup], !resident.isDeleted, !resident.record.pod.uid.isEmpty else {
            return nil
        }
        return resident.record.pod.uid
    }

    /// An event with names, but for domain names.
    package mutating func flow(_ event: FlowEvent) -> Flow {
        let known = classes[event.addressClass]
        let text = text(event.cause)
        var flow = Flow(
            time: FlowTime(nanoseconds: KernelClock.wallClock(of: event.time)),
            verdict: event.verdict, count: event.count, node: node,
            source: source(event.pod, event.source, beside: event.destination),
            destination: FlowEnd(address: event.destination),
            transport: FlowTransport(
                protocolNumber: event.protocolNumber, sourcePort: event.sourcePort, destinationPort: event.port),
            policy: event.verdict == .held ? nil : text?.policy,
            reason: event.reason(text, guardName: known?.metadata), guarded: event.guarded,
            hook: event.hook,
            process: event.process.map { Flow.Process(pid: $0, name: event.command) })
        name(&flow, event.destination, known)
        return flow
    }

    func uncovered(_ name: String, _ message: ResolverMessage) -> Flow {
        Flow(
            time: FlowTime(nanoseconds: KernelClock.wallClock(of: message.time)), verdict: .denied, node: node,
            source: source(message.pod, beside: message.resolver),
            destination: FlowEnd(address: message.resolver),
            transport: FlowTransport(protocolNumber: 17, destinationPort: 53),
            destinationNames: [name], reason: "none of the pod's rules for domain names covers \(name)",
            hook: .dns)
    }

    /// - Parameter destination: says of which family the pod's address is, where none is known.
    private func source(_ cgroup: CgroupID, _ address: IPAddress? = nil, beside destination: IPAddress) -> FlowEnd {
        guard let pod = residents[cgroup]?.record.pod else {
            return FlowEnd(address: address, cgroup: cgroup.rawValue)
        }
        return FlowEnd(
            address: address ?? pod.addresses.first { $0.isIPv4 == destination.isIPv4 },
            namespace: pod.key.namespace, pod: pod.key.name, labels: pod.labels, workload: pod.workload,
            hostNetwork: pod.hostNetwork)
    }

    /// What the destination is: the first of these.
    private func name(_ flow: inout Flow, _ address: IPAddress, _ known: ClassNames?) {
        if let metadata = known?.metadata {
            flow.destinationKind = .metadata
            flow.destinationNames = [metadata]
        } else if let service = addresses.service(address) {
            flow.destinationKind = .service
            flow.service = service
        } else if let pod = addresses.pod(address) {
            flow.destinationKind = .pod
            flow.destination = FlowEnd(
                address: address, namespace: pod.key.namespace, pod: pod.key.name, labels: pod.labels,
                workload: pod.workload, namedPorts: pod.namedPorts)
        } else if let name = addresses.node(address) ?? (known?.isOwnNode == true ? node : nil) {
            flow.destinationKind = .node
            flow.destinationNames = [name]
        } else {
            flow.destinationNames = known?.blocks ?? []
        }
    }

    private mutating func text(_ id: CauseID) -> CauseText? {
        if let text = texts[id] { return text }
        guard let cause = causes[id] else { return nil }
        if texts.count >= Self.mostTexts { texts.removeAll(keepingCapacity: true) }
        let text = CauseText(cause)
        texts[id] = text
        return text
    }
}
