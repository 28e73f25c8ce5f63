import KubernetesClient
import PolicyModel

/// A kubeconfig: what cannot be used is told with the file; what can be used is whole.
func checkKubeconfig(_ bytes: [UInt8]) {
    let path = "/folder/config"
    let configuration: ClusterConfiguration
    do throws(ConfigurationError) {
        configuration = try Kubeconfig([(path, bytes)]).configuration()
    } catch {
        require(!error.problems.isEmpty, "an error without words")
        for problem in error.problems {
            require(problem.severity == .error, "a warning that is thrown: \(problem)")
            require(problem.origin.contains(path) && !problem.message.isEmpty, "an error without a place: \(problem)")
        }
        return
    }
    check(configuration.server)
    if let proxy = configuration.proxy { check(proxy) }
    require(configuration.serverName.map { IPAddress($0) == nil && !$0.isEmpty } ?? true, "a server's name")
    if configuration.trust == .anyone {
        let text = String(decoding: bytes, as: UTF8.self)
        require(text.contains("insecure-skip-tls-verify") || text.contains("\\"), "everyone is trusted unasked")
    }
    for file in files(of: configuration) { require(file.hasPrefix("/"), "a file: \(file)") }
}

private func check(_ address: ServerAddress) {
    require(!address.host.isEmpty, "an address without a host")
    require(address.pathPrefix.isEmpty || address.pathPrefix.hasPrefix("/"), "a path: \(address.pathPrefix)")
    require(!address.pathPrefix.hasSuffix("/"), "a path with an end: \(address.pathPrefix)")
}

/// Those that would be read; what is relative is so to the kubeconfig's folder.
private func files(of configuration: ClusterConfiguration) -> [String] {
    var all: [FileOrData] = []
    if case .bundle(let bundle) = configuration.trust { all.append(bundle) }
    if let certificate = configuration.credentials.certificate { all += [certificate.chain, certificate.key] }
    var paths = all.compactMap { if case .file(let path) = $0 { path } else { nil } }
    if case .file(let path) = configuration.credentials.token { paths.append(path) }
    return paths
}
