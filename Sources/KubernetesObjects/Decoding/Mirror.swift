import PolicyModel

/// What is read of the metadata for `mirror` and `workload`.
let mirrorProjection: Projection = [
    "annotations": ["kubernetes.io/config.mirror": .all, "kubernetes.io/config.hash": .all],
    "creationTimestamp": .all,
    "ownerReferences": ["apiVersion": .all, "kind": .all, "name": .all, "controller": .all],
]

/// The marks of a pod that kubelet made after a static pod.
///
/// kubelet sets the annotation `config.hash` to the static pod's uid, which is
/// the hash of its file unless the file gives a uid (pkg/kubelet/config,
/// `applyDefaults`), and copies it to `config.mirror` when it makes the API's
/// pod, together with a reference to its node (pkg/kubelet/pod,
/// `CreateMirrorPod`; KEP-1314). Anyone else's annotations, a uid that a file
/// gave and the word `mirror` of kubelets before 1.3 are no mirror here.
func mirror(_ spec: Field, _ metadata: Metadata) -> Pod.Mirror? {
    guard !metadata.annotations.isAbsent, !metadata.owners.isAbsent,
        let hash = metadata.annotations["kubernetes.io/config.hash"].string(), isHash(hash),
        metadata.annotations["kubernetes.io/config.mirror"].string() == hash,
        let node = spec["nodeName"].string(),
        (metadata.owners.elements() ?? []).contains(where: { isController($0, node: node) })
    else { return nil }
    return Pod.Mirror(hash: hash, created: metadata.created.string() ?? "")
}

private func isController(_ owner: Field, node: String) -> Bool {
    owner["kind"].value == "Node" && owner["apiVersion"].value == "v1"
        && owner["controller"].value == true && owner["name"].value == .string(node)
}

/// An MD5 in hexadecimal digits, as kubelet writes it.
private func isHash(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
}
