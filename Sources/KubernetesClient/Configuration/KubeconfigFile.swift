import KubernetesObjects
import SystemPackage

/// One kubeconfig file, read but not yet interpreted.
struct KubeconfigFile {
    static let limits = TextLimits(bytes: 4 << 20, values: 100_000)

    let path: String
    let root: Field
    let problems: Problems

    /// - Throws: if the bytes are not one object in YAML or JSON.
    init(path: String, bytes: [UInt8]) throws(ConfigurationError) {
        self.path = path
        problems = Problems(origin: path)
        let documents: [(line: Int, value: JSONValue)]
        do {
            documents = try DocumentReader(limits: Self.limits).documents(bytes)
        } catch {
            throw ConfigurationError(origin: path, "\(error)")
        }
        guard documents.count <= 1 else {
            throw ConfigurationError(origin: path, "holds \(documents.count) documents; a kubeconfig is one")
        }
        let value = documents.first?.value ?? .null
        root = Field(value, line: documents.first?.line ?? 0, problems: problems)
        guard value == .null || root.object() != nil else { throw ConfigurationError(problems.diagnostics) }
    }

    /// The entry of that name in a list of `{name, …}`, its part `key`.
    func entry(_ list: String, named name: String, part: String) -> Field? {
        let entry = (root[list].elements() ?? []).first { $0["name"].value == .string(name) }
        return entry.map { $0[part] }
    }

    func names(_ list: String) -> [String] {
        (root[list].elements() ?? []).compactMap { entry in
            if case .string(let name) = entry["name"].value { name } else { nil }
        }
    }

    /// A path as the file means it: relative to the folder it is in.
    func resolve(_ other: String) -> String {
        let other = FilePath(other)
        guard other.isRelative else { return other.string }
        return FilePath(path).removingLastComponent().pushing(other).lexicallyNormalized().string
    }
}
