import KubernetesObjects

/// `users[].user` of a kubeconfig.
struct KubeconfigUser {
    private let field: Field
    private let name: String
    private let file: KubeconfigFile

    init(_ field: Field, name: String, file: KubeconfigFile) {
        self.field = field
        self.name = name
        self.file = file
    }

    func credentials() -> Credentials {
        for key in ["username", "password"] where field[key].nonEmptyString() != nil {
            field[key].error("is not supported: API servers take no passwords since Kubernetes 1.19; use a token")
        }
        if !field["auth-provider"].isAbsent {
            field["auth-provider"].error("is not supported: Kubernetes 1.26 removed it; use exec")
        }
        return Credentials(
            token: token(), certificate: certificate(), plugin: plugin(),
            owner: "user \"\(name.prefix(80))\" of \(file.path)")
    }

    /// The file wins over the token beside it, as in client-go: it is the newer.
    private func token() -> Credentials.Token? {
        if let path = field["tokenFile"].nonEmptyString() { return .file(file.resolve(path)) }
        return field["token"].nonEmptyString().map { .fixed($0) }
    }

    private func certificate() -> Credentials.Certificate? {
        let chain = field.fileOrData("client-certificate", file)
        let key = field.fileOrData("client-key", file)
        if let chain, let key { return Credentials.Certificate(chain: chain, key: key) }
        if chain != nil, isUnset("client-key") { field.error("has a client-certificate without a client-key") }
        if key != nil, isUnset("client-certificate") {
            field.error("has a client-key without a client-certificate")
        }
        return nil
    }

    private func isUnset(_ key: String) -> Bool {
        field[key].nonEmptyString() == nil && field["\(key)-data"].nonEmptyString() == nil
    }

    private func plugin() -> ExecPlugin? {
        let exec = field["exec"]
        guard exec.object() != nil else { return nil }
        let version = version(exec["apiVersion"])
        guard let command = exec["command"].nonEmptyString() else {
            exec["command"].error("is missing")
            return nil
        }
        if exec["provideClusterInfo"].bool() == true {
            exec["provideClusterInfo"].error("is not supported; give the plugin what it needs as arguments")
        }
        let variables = (exec["env"].elements() ?? []).compactMap { variable -> ExecPlugin.Variable? in
            guard let name = variable["name"].nonEmptyString() else {
                variable["name"].error("is missing")
                return nil
            }
            return ExecPlugin.Variable(name, variable["value"].string() ?? "")
        }
        return ExecPlugin(
            version: version, command: command.contains("/") ? file.resolve(command) : command,
            arguments: (exec["args"].elements() ?? []).compactMap { $0.string() }, environment: variables,
            installHint: exec["installHint"].string() ?? "")
    }

    private func version(_ field: Field) -> ExecPlugin.Version {
        let text = field.nonEmptyString() ?? ""
        guard let version = ExecPlugin.Version(rawValue: text) else {
            field.error(
                "\(field.quoted(text)) is not a version that is supported; use "
                    + "\(ExecPlugin.Version.v1.rawValue) or \(ExecPlugin.Version.v1beta1.rawValue)")
            return .v1
        }
        return version
    }
}
