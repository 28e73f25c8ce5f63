import PolicyModel

/// What `keepsNetRaw` reads of any container.
let securityProjection: Projection = [
    "securityContext": ["privileged": .all, "capabilities": ["add": .all, "drop": .all]]
]

/// Whether a container of the pod has CAP_NET_RAW, which container runtimes grant
/// unless it is dropped (core/v1 `SecurityContext`; the runtime adds first and
/// drops then, and takes `ALL` before names).
func keepsNetRaw(_ spec: Field) -> Bool {
    ["containers", "initContainers", "ephemeralContainers"].contains { list in
        (spec[list].elements() ?? []).contains { keepsNetRaw(container: $0["securityContext"]) }
    }
}

private func keepsNetRaw(container security: Field) -> Bool {
    if security["privileged"].value == true { return true }
    let added = names(security["capabilities"]["add"])
    let dropped = names(security["capabilities"]["drop"])
    if dropped.contains("NET_RAW") { return false }
    if added.contains("NET_RAW") || added.contains("ALL") { return true }
    return !dropped.contains("ALL")
}

/// Capabilities in capitals and without `CAP_`, which some write.
private func names(_ field: Field) -> Set<String> {
    Set(
        (field.elements() ?? []).compactMap { element in
            guard case .string(let text)? = element.value else { return nil }
            let name = text.uppercased()
            return name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
        })
}
