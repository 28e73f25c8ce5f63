/// An object that takes part in a verdict.
public enum ClusterObject: Hashable, Sendable {
    case namespace(Namespace)
    case node(Node)
    case pod(Pod)
    case service(Service)
    case endpointSlice(EndpointSlice)
    case runtimeClass(RuntimeClass)
    case networkPolicy(NetworkPolicy)
    case clusterNetworkPolicy(ClusterNetworkPolicy)

    public var reference: ObjectReference {
        switch self {
        case .namespace(let object): ObjectReference(.namespace, "", object.name)
        case .node(let object): ObjectReference(.node, "", object.name)
        case .pod(let object): ObjectReference(.pod, object.key)
        case .service(let object): ObjectReference(.service, object.key)
        case .endpointSlice(let object): ObjectReference(.endpointSlice, object.key)
        case .runtimeClass(let object): ObjectReference(.runtimeClass, "", object.name)
        case .networkPolicy(let object): ObjectReference(.networkPolicy, object.key)
        case .clusterNetworkPolicy(let object): object.reference
        }
    }
}

/// Which object: its kind, namespace (empty for cluster-scoped kinds) and name.
public struct ObjectReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case namespace = "Namespace"
        case node = "Node"
        case pod = "Pod"
        case service = "Service"
        case endpointSlice = "EndpointSlice"
        case runtimeClass = "RuntimeClass"
        case networkPolicy = "NetworkPolicy"
        case clusterNetworkPolicy = "ClusterNetworkPolicy"
        case adminNetworkPolicy = "AdminNetworkPolicy"
        case baselineAdminNetworkPolicy = "BaselineAdminNetworkPolicy"

        /// Whether somebody's writing such an object is a decision about what may
        /// connect, and not the cluster's daily business.
        public var isDecision: Bool {
            switch self {
            case .namespace, .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy,
                .baselineAdminNetworkPolicy:
                true
            case .node, .pod, .service, .endpointSlice, .runtimeClass: false
            }
        }
    }

    public var kind: Kind
    public var namespace: String
    public var name: String

    public init(_ kind: Kind, _ namespace: String, _ name: String) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
    }

    public init(_ kind: Kind, _ key: NamespacedName) {
        self.init(kind, key.namespace, key.name)
    }

    public var key: NamespacedName { NamespacedName(namespace, name) }

    public var description: String {
        namespace.isEmpty ? "\(kind.rawValue) \(name)" : "\(kind.rawValue) \(namespace)/\(name)"
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.namespace, left.name)
            < (right.kind.rawValue, right.namespace, right.name)
    }
}

/// What a source says: this object is now so, or is gone. Setting an object
/// that is there replaces it.
public enum ClusterChange: Hashable, Sendable {
    case set(ClusterObject)
    case remove(ObjectReference)

    public var reference: ObjectReference {
        switch self {
        case .set(let object): object.reference
        case .remove(let reference): reference
        }
    }
}
