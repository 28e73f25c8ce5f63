import FoundationEssentials
import PacketLab

/// The kustomizations below manifests/.
struct Kustomization: CustomStringConvertible {
    /// Relative to the repository.
    let path: String
    /// A part that is applied only together with others.
    let isComponent: Bool

    var description: String { path }

    /// But for those that lie elsewhere in the main, which a test does not fetch.
    static func all() throws -> [Kustomization] {
        let root = Repository.path("manifests")
        let names = try FileManager.default.subpathsOfDirectory(atPath: root)
        return try names.filter { $0.hasSuffix("kustomization.yaml") }.sorted().compactMap {
            let text = try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8)
            if text.contains("- https://") { return nil }
            let folder = "manifests/\($0)".split(separator: "/").dropLast().joined(separator: "/")
            return Kustomization(path: folder, isComponent: text.contains("\nkind: Component\n"))
        }
    }

    /// A folder for `kubectl -k`: the kustomization's own, or one that adds the component to the base.
    func applicable(in directory: String) throws -> String {
        guard isComponent else { return Repository.path(path) }
        let folder = "\(directory)/with-\(path.replacing("/", with: "-"))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // kustomize takes relative paths only.
        let up = String(repeating: "../", count: folder.split(separator: "/").count)
        try """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [\(up)\(Repository.path("manifests/base").dropFirst())]
        components: [\(up)\(Repository.path(path).dropFirst())]

        """.write(toFile: "\(folder)/kustomization.yaml", atomically: false, encoding: .utf8)
        return folder
    }
}
