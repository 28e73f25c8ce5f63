package import PolicyModel

/// One kind of object that is listed and watched by itself.
package struct Resource: Hashable, Sendable {
    /// As in the API's paths and in RBAC rules.
    package var name: String
    package var kind: ObjectReference.Kind
    /// Where it may be served, the best first. Never empty.
    package var paths: [String]
    /// Whether a cluster may do without it.
    package var isOptional: Bool

    package init(name: String, kind: ObjectReference.Kind, paths: [String], isOptional: Bool = false) {
        self.name = name
        self.kind = kind
        self.paths = paths
        self.isOptional = isOptional
    }

    /// Everything that takes part in verdicts.
    package static let all: [Resource] = [
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
        Resource(
            name: "clusternetworkpolicies", kind: .clusterNetworkPolicy,
            paths: [
                "/apis/policy.networking.k8s.io/v1beta1/clusternetworkpolicies",
                "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies",
            ], isOptional: true),
        // What ClusterNetworkPolicy was before.
        Resource(
            name: "adminnetworkpolicies", kind: .adminNetworkPolicy,
            paths: ["/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies"], isOptional: true),
        Resource(
            name: "baselineadminnetworkpolicies", kind: .baselineAdminNetworkPolicy,
            paths: ["/apis/policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies"], isOptional: true),
    ]
}
