import KubernetesObjects
import PolicyModel

/// `clusters[].cluster` of a kubeconfig.
struct KubeconfigCluster {
    private let field: Field
    private let file: KubeconfigFile

    init(_ field: Field, file: KubeconfigFile) {
        self.field = field
        self.file = file
    }

    /// - Returns: Nil where problems were reported that leave no server.
    func configuration(_ credentials: Credentials) -> ClusterConfiguration? {
        let server = address(field["server"])
        if field["server"].nonEmptyString() == nil { field["server"].error("is missing") }
        let proxy = self.proxy()
        guard let server else { return nil }
        return ClusterConfiguration(
            server: server, trust: trust(), serverName: serverName(server), proxy: proxy, credentials: credentials)
    }

    private func address(_ field: Field) -> ServerAddress? {
        guard let text = field.nonEmptyString() else { return nil }
        do {
            return try ServerAddress(url: text)
        } catch {
            field.error("\(field.quoted(text)) \(error.message)")
            return nil
        }
    }

    private func trust() -> ClusterConfiguration.Trust {
        let bundle = field.fileOrData("certificate-authority", file)
        guard field["insecure-skip-tls-verify"].bool() == true else {
            return bundle.map { .bundle($0) } ?? .system
        }
        if bundle != nil {
            field["insecure-skip-tls-verify"].error(
                "is true beside a certificate-authority; remove one of the two")
        }
        return .anyone
    }

    private func serverName(_ server: ServerAddress) -> String? {
        let field = field["tls-server-name"]
        guard let name = field.nonEmptyString(), name != server.host else { return nil }
        // The HTTP client puts it into the URL and the TLS extension, where only names can be.
        guard IPAddress(name) == nil, (try? ServerAddress(url: "https://\(name)"))?.host == name else {
            field.error("\(field.quoted(name)) is not a DNS name; only those can be used here")
            return nil
        }
        return name
    }

    private func proxy() -> ServerAddress? {
        let field = field["proxy-url"]
        guard let proxy = address(field) else { return nil }
        guard proxy.scheme == .http, proxy.pathPrefix.isEmpty else {
            field.error("must be http://HOST:PORT; other proxies are not supported")
            return nil
        }
        return proxy
    }
}

extension Field {
    /// What `KEY-data` holds in base64, else the file that `KEY` names.
    func fileOrData(_ key: String, _ file: KubeconfigFile) -> FileOrData? {
        let data = self["\(key)-data"]
        if let text = data.nonEmptyString() {
            guard let bytes = Base64.decode(text) else {
                data.error("is not base64")
                return nil
            }
            return .data(bytes, origin: "\(data.path) of \(file.path)")
        }
        return self[key].nonEmptyString().map { .file(file.resolve($0)) }
    }
}
