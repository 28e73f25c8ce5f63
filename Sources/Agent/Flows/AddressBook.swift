package import PolicyCompiler
package import PolicyModel

/// Whose an address is, for the whole cluster, kept in step change by change.
///
/// An address may be told of twice for a while, when a pod comes to have what
/// another had: who was told of last has it, and who goes frees only its own.
package struct AddressBook: Sendable {
    private var pods: [IPAddress: PodRecord] = [:]
    private var services: [IPAddress: NamespacedName] = [:]
    private var nodes: [IPAddress: String] = [:]

    package init() {}

    /// Nil also for addresses of the host: those are a node's.
    package func pod(_ address: IPAddress) -> Pod? { pods[address]?.pod }
    package func service(_ address: IPAddress) -> NamespacedName? { services[address] }
    package func node(_ address: IPAddress) -> String? { nodes[address] }

    package mutating func apply(_ changes: ClusterMetadataDelta) {
        for change in changes.pods { apply(change) }
        for change in changes.services {
            Self.replace(
                &services, change.old?.addresses, change.old?.key, change.new?.addresses, change.new?.key)
        }
        for change in changes.nodes {
            Self.replace(
                &nodes, change.old?.addresses, change.old?.name, change.new?.addresses, change.new?.name)
        }
    }

    private mutating func apply(_ change: ClusterMetadataDelta.Change<PodRecord>) {
        let before = change.old?.pod.peerAddresses ?? []
        let after = change.new?.pod.peerAddresses ?? []
        for address in before where !after.contains(address) && pods[address] === change.old {
            pods[address] = nil
        }
        for address in after {
            // One that it had before may have come to be another's meanwhile.
            let owner = pods[address]
            if owner == nil || owner === change.old || !before.contains(address) { pods[address] = change.new }
        }
    }

    private static func replace<Name: Equatable>(
        _ names: inout [IPAddress: Name], _ before: [IPAddress]?, _ old: Name?, _ after: [IPAddress]?,
        _ new: Name?
    ) {
        for address in before ?? [] where after?.contains(address) != true && names[address] == old {
            names[address] = nil
        }
        for address in after ?? [] where before?.contains(address) != true || names[address] == nil {
            names[address] = new
        }
    }
}

extension Pod {
    /// The addresses that are its own alone.
    fileprivate var peerAddresses: [IPAddress] { hostNetwork || finished ? [] : addresses }
}
