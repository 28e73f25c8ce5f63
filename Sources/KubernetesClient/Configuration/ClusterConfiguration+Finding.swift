import LinuxBase

extension ClusterConfiguration {
    /// Finds the way to the API server: the pod's service account where KUBERNETES_SERVICE_HOST is set and neither
    /// argument is given, else a kubeconfig file.
    ///
    /// - Parameters:
    ///   - kubeconfig: a file; nil: kubectl's default file.
    ///   - context: a context of the kubeconfig; nil: its current one.
    /// - Throws: `ConfigurationError` for variables or kubeconfigs that lead nowhere.
    public static func find(
        kubeconfig: String? = nil, context: String? = nil
    ) throws(ConfigurationError) -> ClusterConfiguration {
        let isInCluster =
            kubeconfig == nil && context == nil
            && ProcessEnvironment.all["KUBERNETES_SERVICE_HOST"] != nil
        return isInCluster
            ? try inCluster() : try Kubeconfig.load(path: kubeconfig).configuration(context: context)
    }
}
