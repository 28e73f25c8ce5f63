public import LinuxBase

extension ClusterConfiguration {
    /// Where the kubelet mounts a service account's token and its cluster's CA.
    public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The configuration of a container in the cluster, as the kubelet sets it
    /// up: two variables and the service account's files.
    ///
    /// - Throws: if a variable is missing or makes no sense. Files are read later.
    public static func inCluster(
        environment: [String: String] = ProcessEnvironment.all, folder: String = serviceAccountFolder
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let host = environment["KUBERNETES_SERVICE_HOST"] ?? ""
        let port = environment["KUBERNETES_SERVICE_PORT"] ?? ""
        guard !host.isEmpty, !port.isEmpty else {
            throw ConfigurationError(
                origin: "environment",
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod; "
                    + "name a kubeconfig")
        }
        let isBareIPv6 = host.contains(":") && !host.hasPrefix("[")
        let server: ServerAddress
        do {
            server = try ServerAddress(url: "https://\(isBareIPv6 ? "[\(host)]" : host):\(port)")
        } catch {
            throw ConfigurationError(
                origin: "environment",
                "KUBERNETES_SERVICE_HOST=\(host.prefix(80)) KUBERNETES_SERVICE_PORT=\(port.prefix(80)) "
                    + error.message)
        }
        return ClusterConfiguration(
            server: server, trust: .bundle(.file("\(folder)/ca.crt")),
            credentials: Credentials(token: .file("\(folder)/token")))
    }
}
