/// A resource definition: as much of it as the API server needs to serve the kind.
struct Definition {
    var kind: String
    var plural: String
    var group: String
    var version: String
    var isNamespaced = false

    /// The administrators' policies, with what they were before.
    static let policies = [
        Definition(
            kind: "ClusterNetworkPolicy", plural: "clusternetworkpolicies",
            group: "policy.networking.k8s.io", version: "v1alpha2"),
        Definition(
            kind: "AdminNetworkPolicy", plural: "adminnetworkpolicies", group: "policy.networking.k8s.io",
            version: "v1alpha1"),
        Definition(
            kind: "BaselineAdminNetworkPolicy", plural: "baselineadminnetworkpolicies",
            group: "policy.networking.k8s.io", version: "v1alpha1"),
    ]

    static let podMonitor = Definition(
        kind: "PodMonitor", plural: "podmonitors", group: "monitoring.coreos.com", version: "v1",
        isNamespaced: true)

    static let prometheusRule = Definition(
        kind: "PrometheusRule", plural: "prometheusrules", group: "monitoring.coreos.com", version: "v1",
        isNamespaced: true)

    /// The annotation is what the API server wants of groups of the Kubernetes project.
    var text: String {
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: \(plural).\(group)
          annotations: {api-approved.kubernetes.io: "https://github.com/kubernetes-sigs/network-policy-api"}
        spec:
          group: \(group)
          names: {kind: \(kind), plural: \(plural)}
          scope: \(isNamespaced ? "Namespaced" : "Cluster")
          versions:
            - name: \(version)
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
        ---

        """
    }
}

extension ControlPlane {
    /// Serves resources of others, and waits until it does.
    func define(_ definitions: [Definition]) throws {
        try kubectl("apply", text: definitions.map(\.text).joined())
        for definition in definitions {
            try kubectl(
                "wait", "--for=condition=Established", "--timeout=60s",
                "crd/\(definition.plural).\(definition.group)")
        }
    }
}
