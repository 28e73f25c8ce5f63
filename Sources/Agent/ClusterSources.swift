import ManifestSource
package import PolicyModel
import SystemPackage

extension Configuration {
    /// Where the cluster's objects are to come from.
    ///
    /// - Throws: `Errno` if there are no file descriptors left.
    package func makeSource() throws -> any ClusterSource {
        try ManifestSource(
            path: FilePath(source),
            options: ManifestSource.Options(stateDirectory: FilePath(stateDirectory)))
    }
}
