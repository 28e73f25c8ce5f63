import KubernetesClient
import TestHarness
import Testing

@Suite("Who trusts whom", .timeLimit(.minutes(2)))
struct TrustTests {
    typealias Step = ScriptedServer.Step

    private func failure(_ configuration: ClusterConfiguration) async throws -> APIError {
        do {
            _ = try await APIClient(configuration).send(APIRequest(.get, "/")).bytes()
        } catch let error as APIError {
            return error
        }
        throw Unexpected("the request succeeded")
    }

    @Test("a server of another CA is refused, with the CA's file")
    func unknownAuthority() async throws {
        let certificates = try await Certificates()
        try await certificates.authority("other")
        let server = try await ScriptedServer.start(certificates) { _, _ in Step.answer() }
        let other = certificates.path("other.crt")
        let error = try await failure(server.configuration(certificates, trust: .bundle(.file(other))))
        #expect(error.code == .tls && error.message.contains("not signed by the CA in \(other)"), "\(error)")
        #expect(server.log.requests.isEmpty)
    }

    @Test("a certificate that expired is told from one of another CA")
    func expired() async throws {
        let certificates = try await Certificates()
        try await certificates.leaf("old", names: "IP:127.0.0.1", days: -1)
        let server = try await ScriptedServer.start(certificates, certificate: "old") { _, _ in Step.answer() }
        let error = try await failure(server.configuration(certificates))
        #expect(error.code == .tls && error.message.contains("expired"), "\(error)")
    }

    @Test("a certificate for another name is refused, unless tls-server-name asks for it")
    func wrongName() async throws {
        let certificates = try await Certificates()
        try await certificates.leaf("named", names: "DNS:api.example")
        let server = try await ScriptedServer.start(certificates, certificate: "named") { _, _ in Step.answer() }
        for host in ["127.0.0.1", "localhost"] {
            let error = try await failure(server.configuration(certificates, host: host))
            #expect(error.code == .tls && error.message.contains("does not bear the name"), "\(error)")
        }
        var configuration = server.configuration(certificates)
        configuration.serverName = "api.example"
        _ = try await APIClient(configuration).send(APIRequest(.get, "/")).bytes()
        #expect(server.log.requests.first?.contains("host: 127.0.0.1:\(server.port)\r\n") == true)
    }

    @Test("insecure-skip-tls-verify believes anyone")
    func anyone() async throws {
        let certificates = try await Certificates()
        try await certificates.leaf("named", names: "DNS:api.example")
        let server = try await ScriptedServer.start(certificates, certificate: "named") { _, _ in Step.answer() }
        _ = try await APIClient(server.configuration(certificates, trust: .anyone)).send(APIRequest(.get, "/")).bytes()
    }

    @Test("any certificate of a bundle vouches")
    func bundle() async throws {
        let certificates = try await Certificates()
        try await certificates.authority("other")
        try certificates.folder.write(
            "both.crt", certificates.folder.read("other.crt") + certificates.folder.read("ca.crt"))
        let server = try await ScriptedServer.start(certificates) { _, _ in Step.answer() }
        let trust = ClusterConfiguration.Trust.bundle(.file(certificates.path("both.crt")))
        _ = try await APIClient(server.configuration(certificates, trust: trust)).send(APIRequest(.get, "/")).bytes()
    }

    @Test("a CA file that is rewritten is read again when trust fails")
    func rotatedAuthority() async throws {
        let certificates = try await Certificates()
        try await certificates.authority("other")
        try certificates.folder.write("now.crt", certificates.folder.read("other.crt"))
        let server = try await ScriptedServer.start(certificates) { _, _ in Step.answer() }
        let trust = ClusterConfiguration.Trust.bundle(.file(certificates.path("now.crt")))
        let client = APIClient(server.configuration(certificates, trust: trust))
        await #expect(throws: APIError.self) { try await client.send(APIRequest(.get, "/")) }
        try certificates.folder.write("now.crt", certificates.folder.read("ca.crt"))
        _ = try await client.send(APIRequest(.get, "/")).bytes()
    }

    @Test("a client certificate is shown where one is wanted, and its absence is told")
    func clientCertificate() async throws {
        let certificates = try await Certificates()
        try await certificates.leaf("client", names: "DNS:client")
        let server = try await ScriptedServer.start(certificates, wantsClient: true) { _, _ in Step.answer() }
        let error = try await failure(server.configuration(certificates))
        #expect(error.code == .tls && error.message.contains("client certificate"), "\(error)")
        let identity = Credentials.Certificate(
            chain: .file(certificates.path("client.crt")), key: .file(certificates.path("client.key")))
        let configuration = server.configuration(certificates, credentials: Credentials(certificate: identity))
        _ = try await APIClient(configuration).send(APIRequest(.get, "/")).bytes()
    }

    @Test("a client certificate that is rewritten leads to a new connection; a stream on the old one goes on")
    func rotatedClientCertificate() async throws {
        let certificates = try await Certificates()
        try await certificates.leaf("client", names: "DNS:client")
        try await certificates.leaf("next", names: "DNS:next")
        let mayEnd = Flag()
        let server = try await ScriptedServer.start(certificates, wantsClient: true) { request, _ in
            request.hasPrefix("GET /watch ")
                ? [.chunkedHead, .chunk("a"), .until { mayEnd.isSo }, .chunk("b"), .send("0\r\n\r\n")]
                : Step.answer()
        }
        let identity = Credentials.Certificate(
            chain: .file(certificates.path("client.crt")), key: .file(certificates.path("client.key")))
        let client = APIClient(server.configuration(certificates, credentials: Credentials(certificate: identity)))
        let watch = try await client.send(APIRequest(.get, "/watch"))
        _ = try await client.send(APIRequest(.get, "/")).bytes()
        try certificates.folder.move("next.key", to: "client.key")
        try certificates.folder.move("next.crt", to: "client.crt")
        try await eventually("a new connection is made") {
            _ = try await client.send(APIRequest(.get, "/")).bytes()
            return server.log.opened == 3
        }
        mayEnd.raise()
        #expect(try await watch.bytes() == Array("ab".utf8))
        try await eventually("the old connections are closed") { server.log.closed == 2 }
    }

    @Test("https asked of an http server is told, whether it answers or hangs up")
    func secureToPlain() async throws {
        for last in [Step.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .close] {
            let plain = try await ScriptedServer.start(nil, isHasty: true) { _, _ in [last, .close] }
            var configuration = plain.configuration(nil)
            configuration.server.scheme = .https
            let error = try await failure(configuration)
            #expect([.tls, .cut].contains(error.code) && error.message.contains("is it http?"), "\(error)")
        }
    }

    @Test("http asked of an https server is told, whether it answers or hangs up")
    func plainToSecure() async throws {
        let certificates = try await Certificates()
        let secure = try await ScriptedServer.start(certificates) { _, _ in Step.answer() }
        var configuration = secure.configuration(certificates)
        configuration.server.scheme = .http
        let error = try await failure(configuration)
        #expect(error.message.contains("does it speak https?"), "\(error)")
        // As Go's servers answer, and so the real API server.
        let said = "Client sent an HTTP request to an HTTPS server."
        let polite = try await ScriptedServer.start(nil) { _, _ in
            [.send("HTTP/1.0 400 Bad Request\r\n\r\n\(said)\n"), .close]
        }
        let refusal = try await failure(polite.configuration(nil))
        #expect(refusal.code == .status(400) && refusal.message.contains(said), "\(refusal)")
    }

    @Test("CA data that is none is told with where it stands")
    func unreadableAuthority() async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates) { _, _ in Step.answer() }
        let trust = ClusterConfiguration.Trust.bundle(.data(Array("no PEM".utf8), origin: "ca-data"))
        let error = try await failure(server.configuration(certificates, trust: trust))
        #expect(error.code == .credentials && error.message.contains("ca-data"), "\(error)")
    }
}
