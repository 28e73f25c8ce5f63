import AgentAPI
package import AgentConfiguration
package import KubernetesClient
import KubernetesSource
import LinuxBase
package import Logging
import ManifestSource
package import PolicyModel
import SystemPackage

extension Configuration {
    /// The way to the API server; nil if none is asked.
    ///
    /// - Throws: `ConfigurationError` for variables or kubeconfigs that lead nowhere.
    package func makeTransport() throws -> (any APITransport)? {
        guard case .kubernetes = source else { return nil }
        return APIClient(try .find(kubeconfig: kubernetes.kubeconfig, context: kubernetes.context))
    }

    /// Where the cluster's objects are to come from.
    ///
    /// - Parameter transport: needed where the source is the API.
    /// - Throws: `Errno` if there are no file descriptors left.
    package func makeSource(_ transport: (any APITransport)?, logger: Logger) throws -> any ClusterSource {
        switch source {
        case .manifests(let path):
            return try ManifestSource(
                path: FilePath(path),
                options: ManifestSource.Options(stateDirectory: FilePath(stateDirectory)))
        case .kubernetes:
            guard let transport else { throw AgentError("there is no way to an API server") }
            var options = KubernetesSource.Options()
            options.silence = .seconds(Int(kubernetes.watchSilenceSeconds))
            return KubernetesSource(transport: transport, options: options, logger: logger)
        }
    }

    /// The agent's own pod, as the DaemonSet tells it; nil where it is none.
    var ownPod: Pod? {
        let environment = environment ?? ProcessEnvironment.all
        guard let uid = environment["POD_UID"], let name = environment["POD_NAME"],
            let namespace = environment["POD_NAMESPACE"]
        else { return nil }
        return Pod(key: NamespacedName(namespace, name), uid: uid, nodeName: nodeName, hostNetwork: true)
    }
}
