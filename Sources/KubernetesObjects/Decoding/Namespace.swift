import PolicyModel

let namespaceProjection: Projection = ["metadata": Metadata.projection]

/// The API server sets the name label on every namespace, whatever was sent
/// (feature NamespaceDefaultLabelName, GA in 1.22).
func namespace(_ metadata: Metadata) -> Namespace {
    var labels = metadata.labels
    labels["kubernetes.io/metadata.name"] = metadata.key.name
    return Namespace(name: metadata.key.name, labels: labels)
}
