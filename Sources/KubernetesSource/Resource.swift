import PolicyModel

/// One kind of object that is listed and watched by itself.
struct Resource: Hashable, Sendable {
    /// As in the API's paths and in RBAC rules.
    var name: String
    var kind: ObjectReference.Kind
    /// Where it may be served, the best first. Never empty.
    var paths: [String]
    /// Whether a cluster may do without it.
    var isOptional = false

    /// Everything that takes part in verdicts.
    static let all: [Resource] = [
        Resource(name: "namespaces", kind: .namespace, paths: ["/api/v1/namespaces"]),
        Resource(name: "nodes", kind: .node, paths: ["/api/v1/nodes"]),
        Resource(name: "pods", kind: .pod, paths: ["/api/v1/pods"]),
        Resource(name: "services", kind: .service, paths: ["/api/v1/services"]),
        // v1beta1 until Kubernetes 1.25.
        Resource(
            name: "endpointslices", kind: .endpointSlice,
            paths: [
                "/apis/discovery.k8s.io/v1/endpointslices", "/apis/discovery.k8s.io/v1beta1/endpointslices",
            ]),
        Resource(
            name: "networkpolicies", kind: .networkPolicy,
            paths: ["/apis/networking.k8s.io/v1/networkpolicies"]),
    ]
}
