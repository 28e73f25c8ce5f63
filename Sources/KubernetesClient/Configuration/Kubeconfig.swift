import KubernetesObjects
public import LinuxBase
import PolicyModel
import SystemPackage

/// Kubeconfig files as kubectl reads them (`Config` of client.config.k8s.io/v1):
/// of several files, the first that has an entry or setting wins.
public struct Kubeconfig {
    private let files: [KubeconfigFile]

    /// Reads files from the file system. Waits for it.
    ///
    /// - Parameters:
    ///   - path: the one file to read; if nil, those of `$KUBECONFIG`, joined by
    ///     colons, of which some may be missing, else `~/.kube/config`.
    /// - Throws: if a file is broken, or there is none.
    public static func load(
        path: String? = nil, environment: [String: String] = ProcessEnvironment.all
    ) throws(ConfigurationError) -> Kubeconfig {
        var isOptional = false
        var paths: [String]
        if let path {
            paths = [path]
        } else {
            paths = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
            isOptional = !paths.isEmpty
            if paths.isEmpty { paths = ["\(environment["HOME"] ?? "")/.kube/config"] }
        }
        var files: [(path: String, bytes: [UInt8])] = []
        for path in paths {
            var file = RotatingFile(path)
            do {
                files.append((path, try file.contents(isForced: true)))
            } catch {
                guard isOptional && error == .noSuchFileOrDirectory else {
                    throw ConfigurationError(origin: path, "cannot be read: \(error)")
                }
            }
        }
        guard !files.isEmpty else {
            throw ConfigurationError(
                origin: "KUBECONFIG=\(paths.joined(separator: ":"))", "none of these files is there")
        }
        return try Kubeconfig(files)
    }

    /// - Parameter files: the first has the say. Paths are for messages, and for
    ///   what is relative to them.
    public init(_ files: [(path: String, bytes: [UInt8])]) throws(ConfigurationError) {
        var read: [KubeconfigFile] = []
        for file in files { read.append(try KubeconfigFile(path: file.path, bytes: file.bytes)) }
        self.files = read
    }

    /// The cluster and the credentials of a context.
    ///
    /// - Parameter context: its name; the current one if nil.
    /// - Throws: all that is wrong with the entries that it leads to. Others
    ///   are not looked at, nor are fields that are not known.
    public func configuration(context name: String? = nil) throws(ConfigurationError) -> ClusterConfiguration {
        let name = if let name { name } else { try currentContext() }
        let (context, contextFile) = try entry("contexts", named: name, part: "context", kind: "context")
        let clusterName = context["cluster"].nonEmptyString()
        let userName = context["user"].nonEmptyString()
        try throwProblems(of: [contextFile])
        guard let clusterName else {
            throw ConfigurationError(origin: contextFile.path, field: "\(context.path).cluster", "is missing")
        }
        let (cluster, clusterFile) = try entry("clusters", named: clusterName, part: "cluster", kind: "cluster")
        var credentials = Credentials()
        var userFile: KubeconfigFile?
        if let userName {
            let (user, file) = try entry("users", named: userName, part: "user", kind: "user")
            credentials = KubeconfigUser(user, name: userName, file: file).credentials()
            userFile = file
        }
        let configuration = KubeconfigCluster(cluster, file: clusterFile).configuration(credentials)
        try throwProblems(of: [contextFile, clusterFile] + (userFile.map { [$0] } ?? []))
        guard let configuration else {
            throw ConfigurationError(origin: clusterFile.path, field: "\(cluster.path)", "cannot be used")
        }
        return configuration
    }

    private func currentContext() throws(ConfigurationError) -> String {
        for file in files {
            if let name = file.root["current-context"].nonEmptyString() { return name }
        }
        try throwProblems(of: files)
        throw ConfigurationError(
            origin: files.first?.path ?? "", field: "current-context",
            "is not set; name one of the contexts: \(list(files.flatMap { $0.names("contexts") }))")
    }

    private func entry(
        _ list: String, named name: String, part: String, kind: String
    ) throws(ConfigurationError) -> (Field, KubeconfigFile) {
        for file in files {
            if let field = file.entry(list, named: name, part: part) { return (field, file) }
        }
        try throwProblems(of: files)
        throw ConfigurationError(
            origin: files.map(\.path).joined(separator: ":"), field: list,
            "there is no \(kind) \"\(name.prefix(80))\"; there are: \(self.list(files.flatMap { $0.names(list) }))")
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.prefix(20).joined(separator: ", ")
    }

    private func throwProblems(of files: [KubeconfigFile]) throws(ConfigurationError) {
        var errors: [Diagnostic] = []
        for error in files.flatMap(\.problems.diagnostics) where error.severity == .error && !errors.contains(error) {
            errors.append(error)
        }
        if !errors.isEmpty { throw ConfigurationError(errors) }
    }
}
