public import PolicyModel

/// The resolvers that the agents trust, as far as objects and configuration tell.
public struct Resolvers: Hashable, Sendable {
    /// The cluster's DNS under the names that it may have; the first that is there counts.
    public var services: [NamespacedName]
    /// Beside those.
    public var addresses: [IPAddress]

    public init(
        services: [NamespacedName] = Self.usual, addresses: [IPAddress] = []
    ) {
        self.services = services
        self.addresses = addresses
    }

    /// As Kubernetes, RKE2 and OpenShift call it.
    public static let usual = [
        NamespacedName("kube-system", "kube-dns"), NamespacedName("kube-system", "rke2-coredns-rke2-coredns"),
        NamespacedName("openshift-dns", "dns-default"),
    ]

    /// Kubernetes' node-local DNS cache (docs: tasks/administer-cluster/nodelocaldns).
    static let nodeLocal = IPAddress(ipv4: 0xa9fe_140a)
}
