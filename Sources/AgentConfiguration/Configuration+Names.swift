public import PolicyModel
package import VerdictTables

extension Configuration {
    /// `names`: whose DNS answers count, and for how long.
    public struct Names: Hashable, Sendable {
        /// Whether to find resolvers: `services`, the node's resolv.conf and the node-local DNS.
        public var findResolvers = true
        /// Services whose addresses and endpoints are resolvers, where they exist: the cluster's
        /// DNS under its usual names.
        public var services = [
            NamespacedName("kube-system", "kube-dns"),
            NamespacedName("kube-system", "rke2-coredns-rke2-coredns"),
            NamespacedName("openshift-dns", "dns-default"),
        ]
        /// Resolvers beside those.
        public var resolvers: [IPAddress] = []
        /// An answer counts at least so long, in seconds: applications keep addresses for longer
        /// than a short TTL says.
        public var minimumSeconds: UInt32 = 60
        /// And at most so long.
        public var maximumSeconds: UInt32 = 86_400
        /// For so long past that, from the end of the last flow to the address on; a policy's annotation
        /// `sluice.dev/name-grace` may say otherwise.
        public var graceSeconds: UInt32 = 60
        public init() {}

        package var lifetime: NodeSettings.NameLifetime {
            var lifetime = NodeSettings.NameLifetime()
            lifetime.floor = minimumSeconds
            lifetime.ceiling = maximumSeconds
            lifetime.grace = graceSeconds
            return lifetime
        }
    }
}
