import KubernetesClient
import TestHarness
import Testing

@Suite("Answers and failures of a real server on loopback", .timeLimit(.minutes(2)))
struct APIClientTests {
    typealias Step = ScriptedServer.Step

    private func failure(_ client: APIClient, _ request: APIRequest = APIRequest(.get, "/api")) async throws -> APIError
    {
        do {
            let answer = try await client.send(request)
            _ = try await answer.bytes()
        } catch let error as APIError {
            return error
        }
        throw Unexpected("the request succeeded")
    }

    @Test("a list is answered over TLS, with path, query, token and name as sent")
    func list() async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates) { _, _ in Step.answer("200 OK", #"{"items":[]}"#) }
        let client = APIClient(server.configuration(certificates, credentials: Credentials(token: .fixed("t0"))))
        let request = APIRequest(.get, "/api/v1/ü x%/pods", query: [.init("labelSelector", "a=b&c+d")])
        let bytes = try await client.send(request).bytes()
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"items":[]}"#)
        let sent = try #require(server.log.requests.first)
        #expect(sent.hasPrefix("GET /api/v1/%C3%BC%20x%25/pods?labelSelector=a%3Db%26c%2Bd HTTP/1.1\r\n"))
        #expect(sent.contains("authorization: Bearer t0\r\n") && sent.contains("user-agent: sluiced\r\n"))
        #expect(sent.contains("host: 127.0.0.1:\(server.port)\r\n"))
    }

    @Test("a body goes out with its type")
    func patch() async throws {
        let server = try await ScriptedServer.start(nil) { _, _ in Step.answer() }
        let body = APIRequest.Body(Array("[]".utf8), contentType: "application/json-patch+json")
        _ = try await APIClient(server.configuration(nil)).send(APIRequest(.patch, "/a", body: body)).bytes()
        let sent = try #require(server.log.requests.first)
        #expect(sent.hasPrefix("PATCH /a ") && sent.contains("content-type: application/json-patch+json\r\n"))
    }

    @Test("pieces of a stream arrive while it goes on, and the end is an end")
    func stream() async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates) { _, _ in
            [.chunkedHead] + (0..<50).map { .chunk("<\($0)>") } + [.send("0\r\n\r\n")]
        }
        let answer = try await APIClient(server.configuration(certificates)).send(APIRequest(.get, "/"))
        var text = ""
        for try await piece in answer.body { text += String(decoding: piece, as: UTF8.self) }
        #expect(text == (0..<50).map { "<\($0)>" }.joined())
    }

    @Test("a connection that is cut within a body is an error and no end", arguments: [true, false])
    func cut(isSecure: Bool) async throws {
        let certificates = isSecure ? try await Certificates() : nil
        let server = try await ScriptedServer.start(certificates) { _, _ in [.chunkedHead, .chunk("half"), .cut] }
        let error = try await failure(APIClient(server.configuration(certificates)))
        #expect(error.code == .cut, "\(error)")
        #expect(error.request == "GET /api")
    }

    @Test("a server that never begins to answer runs out of patience")
    func patience() async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates) { _, _ in [] }
        let client = APIClient(server.configuration(certificates))
        let error = try await failure(client, APIRequest(.get, "/", patience: .milliseconds(300)))
        #expect(error.code == .timedOut, "\(error)")
        try await eventually("the connection is closed") { server.log.opened == server.log.closed }
    }

    @Test("a server frozen within its answer's head runs out of patience")
    func frozenHead() async throws {
        let server = try await ScriptedServer.start(nil) { _, _ in [.send("HTTP/1.1 200 OK\r\ncontent-")] }
        let client = APIClient(server.configuration(nil))
        let error = try await failure(client, APIRequest(.get, "/", patience: .milliseconds(300)))
        #expect(error.code == .timedOut, "\(error)")
        try await eventually("the connection is closed") { server.log.closed == 1 }
    }

    @Test("a server frozen before the TLS handshake runs out of patience")
    func frozenHandshake() async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates, isMute: true) { _, _ in [] }
        let client = APIClient(server.configuration(certificates))
        let error = try await failure(client, APIRequest(.get, "/", patience: .milliseconds(300)))
        #expect(error.code == .timedOut, "\(error)")
        try await eventually("the connection is closed") { server.log.closed == server.log.opened }
    }

    @Test("silence within a body is an error, and the connection is closed")
    func silence() async throws {
        let server = try await ScriptedServer.start(nil) { _, _ in [.chunkedHead, .chunk("a")] }
        let client = APIClient(server.configuration(nil))
        let error = try await failure(client, APIRequest(.get, "/", silence: .milliseconds(300)))
        #expect(error.code == .timedOut, "\(error)")
        try await eventually("the connection is closed") { server.log.closed == 1 }
    }

    @Test("who lets go of a body closes the connection")
    func abandoned() async throws {
        let server = try await ScriptedServer.start(nil) { _, _ in [.chunkedHead, .chunk("a")] }
        let client = APIClient(server.configuration(nil))
        func readOne() async throws {
            for try await _ in try await client.send(APIRequest(.get, "/")).body { return }
        }
        try await readOne()
        try await eventually("the connection is closed") { server.log.closed == 1 }
        _ = try await client.send(APIRequest(.get, "/"))
        try await eventually("the unread one is closed too") { server.log.closed == 2 }
    }

    @Test("a body that nobody reads is not read from the socket without bound")
    func backPressure() async throws {
        let sent = 200 << 20
        let server = try await ScriptedServer.start(nil) { _, _ in
            [.send("HTTP/1.1 200 OK\r\ncontent-length: \(sent)\r\n\r\n")]
                + Array(repeating: .sendBytes(1 << 20), count: sent >> 20)
        }
        let answer = try await APIClient(server.configuration(nil)).send(APIRequest(.get, "/"))
        // What the sockets hold is a few megabytes; then the server has to wait.
        var (written, unchanged) = (-1, 0)
        try await eventually("the server can write no more") {
            let now = server.log.written
            (written, unchanged) = (now, now > 0 && now == written ? unchanged + 1 : 0)
            return unchanged == 10
        }
        #expect(written < 50 << 20)
        var count = 0
        for try await piece in answer.body {
            #expect(piece.count < 8 << 20)
            count += piece.count
        }
        #expect(count == sent)
    }

    @Test("cancellation ends each phase and closes the connection", arguments: ["handshake", "head", "body"])
    func cancellation(phase: String) async throws {
        let certificates = try await Certificates()
        let server = try await ScriptedServer.start(certificates, isMute: phase == "handshake") { _, _ in
            phase == "head" ? [] : [.chunkedHead, .chunk("a")]
        }
        let client = APIClient(server.configuration(certificates))
        let task = Task { try await client.send(APIRequest(.get, "/")).bytes() }
        try await eventually("the phase is reached") {
            phase == "handshake" ? server.log.opened == 1 : server.log.requests.count == 1
        }
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { try result.get() }
        try await eventually("the connection is closed") { server.log.closed == server.log.opened }
    }

    @Test("refusals say what the server said and what to do")
    func refusals() async throws {
        let status = #"""
            {"kind":"Status","message":"pods is forbidden: cannot list","reason":"Forbidden","details":{"retryAfterSeconds":3}}
            """#
        let server = try await ScriptedServer.start(nil) { request, _ in
            switch request.split(separator: " ")[1] {
            case "/403": Step.answer("403 Forbidden", status)
            case "/429": Step.answer("429 Too Many Requests", "slow down", headers: "retry-after: 7\r\n")
            case "/500": Step.answer("500 Internal Server Error", "<html>\n<b>oops</b>")
            case "/302": Step.answer("302 Found", "", headers: "location: http://127.0.0.1:1/\r\n")
            case "/huge":
                [.send("HTTP/1.1 503 Unavailable\r\ncontent-length: 1000000000\r\n\r\n"), .sendBytes(1 << 20)]
            default: [.send("SSH-2.0-OpenSSH_9.2\r\n\r\n"), .close]
            }
        }
        let client = APIClient(server.configuration(nil))
        let forbidden = try await failure(client, APIRequest(.get, "/403"))
        #expect(forbidden.code == .status(403) && forbidden.reason == "Forbidden")
        #expect(forbidden.message.contains("cannot list") && forbidden.message.contains("ClusterRole"))
        #expect(forbidden.retryAfter == .seconds(3))
        let many = try await failure(client, APIRequest(.get, "/429"))
        #expect(many.code == .status(429) && many.retryAfter == .seconds(7) && many.message.contains("slow down"))
        let internalError = try await failure(client, APIRequest(.get, "/500"))
        #expect(internalError.code == .status(500) && internalError.message.contains("<html> <b>oops</b>"))
        let redirect = try await failure(client, APIRequest(.get, "/302"))
        #expect(redirect.code == .status(302) && redirect.message.contains("http://127.0.0.1:1/"))
        let huge = try await failure(client, APIRequest(.get, "/huge", patience: .seconds(20)))
        #expect(huge.code == .status(503) && huge.message.utf8.count < 1000)
        let garbage = try await failure(client, APIRequest(.get, "/garbage"))
        #expect(garbage.code == .invalidAnswer && garbage.message.contains("HTTP"), "\(garbage)")
    }

    @Test("nobody there is told with host and port")
    func unreachable() async throws {
        let configuration = ClusterConfiguration(server: ServerAddress(scheme: .http, host: "127.0.0.1", port: 1))
        let error = try await failure(APIClient(configuration))
        #expect(error.code == .unreachable, "\(error)")
        #expect(error.message.hasSuffix("127.0.0.1:1 cannot be reached: Connection refused"), "\(error)")
    }
}
