import NIOSSL

/// TLS settings from certificates that have been read.
struct TransportSecurity {
    let configuration: ClusterConfiguration
    let transport: Access.Transport

    init(_ configuration: ClusterConfiguration, _ transport: Access.Transport) {
        self.configuration = configuration
        self.transport = transport
    }

    func settings() throws(APIError) -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        // What API servers offer at least (k8s.io/apiserver, `MinVersion`).
        settings.minimumTLSVersion = .tlsv12
        switch configuration.trust {
        case .system: break
        case .anyone: settings.certificateVerification = .none
        case .bundle(let origin):
            settings.trustRoots = .certificates(
                try certificates(transport.authorities ?? [], "the CA certificates in \(origin)"))
        }
        if let identity = transport.identity {
            let name = configuration.credentials.certificate.map { "\($0.chain)" } ?? configuration.credentials.name
            settings.certificateChain = try certificates(identity.chain, "the client certificate in \(name)")
                .map { .certificate($0) }
            settings.privateKey = .privateKey(try key(identity))
        }
        return settings
    }

    private func certificates(_ pem: [UInt8], _ what: String) throws(APIError) -> [NIOSSLCertificate] {
        let certificates = (try? NIOSSLCertificate.fromPEMBytes(pem)) ?? []
        guard !certificates.isEmpty else {
            throw APIError(.credentials, message: "\(what) are not certificates in PEM form")
        }
        return certificates
    }

    private func key(_ identity: ClientIdentity) throws(APIError) -> NIOSSLPrivateKey {
        do {
            // Without a passphrase BoringSSL would ask on the terminal.
            return try NIOSSLPrivateKey(bytes: identity.key, format: .pem) { (setter: ([UInt8]) -> Void) in setter([]) }
        } catch {
            let name = configuration.credentials.certificate.map { "\($0.key)" } ?? configuration.credentials.name
            throw APIError(
                .credentials, message: "the client key in \(name) is not a key in PEM form without a passphrase")
        }
    }
}
