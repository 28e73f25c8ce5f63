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

    /// Whether its objects may say less of a pod's policy than there is without them: until they are known, nobody
    /// can tell what the pod may do.
    package var narrowsPolicy: Bool { kind != .runtimeClass }

    /// The missing right, for whoever is to grant it.
    package var right: String {
        "the verbs list and watch on \(name) in API group \(group.isEmpty ? "\"\" (core)" : group)"
    }

    /// As in RBAC rules; empty for core.
    private var group: String {
        let parts = paths[0].split(separator: "/")
        return parts[0] == "apis" ? String(parts[1]) : ""
    }

    /// Where the API server tells what it serves beside a path, to whoever has a token.
    package static func discoveryPath(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    }

    /// Everything that takes part in verdicts, or tells where they cannot be had.
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
        // Only tells which pods cannot be enforced. v1beta1 until Kubernetes 1.25.
        Resource(
            name: "runtimeclasses", kind: .runtimeClass,
            paths: ["/apis/node.k8s.io/v1/runtimeclasses", "/apis/node.k8s.io/v1beta1/runtimeclasses"],
            isOptional: true),
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
