import PolicyModel

/// The kinds that are read, by the API version that they must have.
enum APIKind {
    case namespace
    case node
    case pod
    case service
    case endpointSlice
    case runtimeClass
    case networkPolicy
    case clusterNetworkPolicy
    case adminNetworkPolicy
    case baselineAdminNetworkPolicy

    init?(kind: String, apiVersion: String) {
        switch (apiVersion, kind) {
        case ("v1", "Namespace"): self = .namespace
        case ("v1", "Node"): self = .node
        case ("v1", "Pod"): self = .pod
        case ("v1", "Service"): self = .service
        // v1beta1 (until Kubernetes 1.25) has the same fields where we look.
        case ("discovery.k8s.io/v1", "EndpointSlice"), ("discovery.k8s.io/v1beta1", "EndpointSlice"):
            self = .endpointSlice
        // v1beta1 until Kubernetes 1.25.
        case ("node.k8s.io/v1", "RuntimeClass"), ("node.k8s.io/v1beta1", "RuntimeClass"): self = .runtimeClass
        case ("networking.k8s.io/v1", "NetworkPolicy"): self = .networkPolicy
        // v1beta1 has the fields of v1alpha2.
        case ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
            ("policy.networking.k8s.io/v1beta1", "ClusterNetworkPolicy"):
            self = .clusterNetworkPolicy
        case ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"): self = .adminNetworkPolicy
        case ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"):
            self = .baselineAdminNetworkPolicy
        default: return nil
        }
    }

    /// Whether kind or version is cut off from one that is read.
    static func isBeginning(kind: String, apiVersion: String) -> Bool {
        guard APIKind(kind: kind, apiVersion: apiVersion) == nil,
            !isHarmless(kind: kind, apiVersion: apiVersion)
        else { return false }
        return all.contains { version, whole in
            version == apiVersion ? whole.hasPrefix(kind) : version.hasPrefix(apiVersion)
        }
    }

    private static let all = [
        ("v1", "Namespace"), ("v1", "Node"), ("v1", "Pod"), ("v1", "Service"), ("discovery.k8s.io/v1", "EndpointSlice"),
        ("node.k8s.io/v1", "RuntimeClass"), ("networking.k8s.io/v1", "NetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"),
    ]

    init(_ kind: ObjectReference.Kind) {
        self =
            switch kind {
            case .namespace: .namespace
            case .node: .node
            case .pod: .pod
            case .service: .service
            case .endpointSlice: .endpointSlice
            case .runtimeClass: .runtimeClass
            case .networkPolicy: .networkPolicy
            case .clusterNetworkPolicy: .clusterNetworkPolicy
            case .adminNetworkPolicy: .adminNetworkPolicy
            case .baselineAdminNetworkPolicy: .baselineAdminNetworkPolicy
            }
    }

    var isNamespaced: Bool {
        switch self {
        case .pod, .service, .endpointSlice, .networkPolicy: true
        case .namespace, .node, .runtimeClass, .clusterNetworkPolicy, .adminNetworkPolicy,
            .baselineAdminNetworkPolicy:
            false
        }
    }

    /// Kinds that stand beside policies in many manifests and have no say in
    /// them; nothing need be told about these.
    static func isHarmless(kind: String, apiVersion: String) -> Bool {
        let group = apiVersion.split(separator: "/").first.map(String.init) ?? ""
        return switch group {
        case "v1": coreKinds.contains(kind)
        case "networking.k8s.io": kind == "Ingress" || kind == "IngressClass"
        default: harmlessGroups.contains(group)
        }
    }

    private static let coreKinds: Set<String> = [
        "ConfigMap", "Secret", "ServiceAccount", "ReplicationController", "Endpoints", "Event",
        "PersistentVolume", "PersistentVolumeClaim", "ResourceQuota", "LimitRange", "PodTemplate",
    ]

    private static let harmlessGroups: Set<String> = [
        "apps", "batch", "rbac.authorization.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io",
        "autoscaling", "storage.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "events.k8s.io",
        "admissionregistration.k8s.io", "certificates.k8s.io", "node.k8s.io",
    ]
}
