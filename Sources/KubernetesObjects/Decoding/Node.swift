import PolicyModel

let nodeProjection: Projection = [
    "metadata": Metadata.projection,
    "status": ["addresses": ["type": .all, "address": .all]],
]

/// A core/v1 `Node`.
func node(_ root: Field, _ metadata: Metadata) -> Node {
    let addresses = (root["status"]["addresses"].elements() ?? []).compactMap { entry -> Field? in
        switch entry["type"].value {
        case "InternalIP", "ExternalIP": entry["address"]
        // Host names (core/v1 `NodeAddressType`), which may be an address all the same.
        default: entry["address"].value.flatMap(text).flatMap { IPAddress($0) } == nil ? nil : entry["address"]
        }
    }
    return Node(
        name: metadata.key.name, labels: metadata.labels, addresses: distinctAddresses(addresses))
}

private func text(_ value: JSONValue) -> String? {
    if case .string(let text) = value { text } else { nil }
}
