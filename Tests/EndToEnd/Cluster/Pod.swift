/// A pod's manifest, with what of it a test varies. Parts are YAML in flow style.
struct Pod {
    var name: String
    var namespace = "default"
    var labels = "{}"
    /// Nil: the node of whoever runs it.
    var node: String?
    var serviceAccount = "default"
    var addresses: [String]
    var hostNetwork = false
    var annotations = "{}"
    var owners = "[]"
    var ports = "[]"

    init(_ name: String, in namespace: String = "default", labels: String = "{}", _ addresses: String...) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        self.addresses = addresses
    }

    /// - Parameter phase: with the status that a kubelet gives it then: `Pending`, `Running`,
    ///   `Succeeded` or `Failed`.
    func manifest(on node: String, phase: String? = nil) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: \(name)
          namespace: \(namespace)
          labels: \(labels)
          annotations: \(annotations)
          ownerReferences: \(owners)
        spec:
          nodeName: \(self.node ?? node)
          hostNetwork: \(hostNetwork)
          serviceAccountName: \(serviceAccount)
          automountServiceAccountToken: false
          containers: [{name: main, image: none, ports: \(ports)}]
        \(phase.map(status) ?? "")
        ---

        """
    }

    private func status(_ phase: String) -> String {
        let first = addresses.first.map { "podIP: '\($0)', " } ?? ""
        let list = addresses.map { "{ip: '\($0)'}" }.joined(separator: ", ")
        return "status: {phase: \(phase), \(first)podIPs: [\(list)]}"
    }
}
