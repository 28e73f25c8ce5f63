import PolicyModel

let runtimeClassProjection: Projection = ["metadata": Metadata.projection, "handler": .all]

/// A node.k8s.io/v1 `RuntimeClass`. One without a handler, which the API server does not take, names none.
func runtimeClass(_ root: Field, _ metadata: Metadata) -> RuntimeClass {
    let handler = root["handler"]
    if handler.isAbsent { handler.error("is missing") }
    return RuntimeClass(name: metadata.key.name, handler: handler.string() ?? "")
}
