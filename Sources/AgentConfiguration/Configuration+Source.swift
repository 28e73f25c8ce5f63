extension Configuration {
    /// Where the cluster's objects come from.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        /// A directory of manifests, or one file.
        case manifests(String)
        /// The Kubernetes API; `KubernetesAccess` says which.
        case kubernetes

        /// - Parameter text: `kubernetes`, or a path. A directory of that name
        ///   is `./kubernetes`.
        public init(_ text: String) {
            self = text == "kubernetes" ? .kubernetes : .manifests(text)
        }

        public var description: String {
            switch self {
            case .manifests(let path): path
            case .kubernetes: "kubernetes"
            }
        }
    }

    /// `kubernetes`: the way to the API server.
    public struct KubernetesAccess: Hashable, Sendable {
        /// A kubeconfig file. Nil: the pod's service account where
        /// KUBERNETES_SERVICE_HOST is set, else kubectl's default file.
        public var kubeconfig: String?
        /// A context of the kubeconfig; nil: its current one.
        public var context: String?
        /// For how long a watch may be silent before it is taken for dead.
        public var watchSilenceSeconds: UInt32 = 100
        public init() {}
    }
}
