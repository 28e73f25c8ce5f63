import KubernetesObjects

/// An answer whose status is none of 2xx, with the beginning of its body.
struct FailedAnswer {
    /// How much of a body is read; a `Status` is far shorter.
    static let bodyLimit = 1 << 16

    var status: Int
    var phrase: String
    var retryAfter: String?
    var location: String?
    var body: [UInt8]

    /// - Parameters:
    ///   - credentials: who asked, for the message.
    ///   - now: in seconds since 1970.
    func error(credentials: Credentials, now: Int64) -> APIError {
        let answer = StatusObject(body)
        let seconds = answer?.retryAfterSeconds.map { Duration.seconds(min($0, RetryAfter.longest)) }
        return APIError(
            .status(status), reason: answer?.reason ?? "",
            message: message(answer?.message ?? "", credentials),
            retryAfter: retryAfter.flatMap { RetryAfter.duration($0, now: now) } ?? seconds)
    }

    private func message(_ said: String, _ credentials: Credentials) -> String {
        let what = said.isEmpty ? plainText : said
        switch status {
        case 300..<400:
            return "the API server answers \(status) and sends on to \(location?.prefix(200) ?? "nowhere"); "
                + "redirects are not followed, set the server's own address"
        case 401 where credentials.isEmpty:
            return "the API server answers nobody without credentials, and there are none"
                + "\(credentials.owner.isEmpty ? "" : " for \(credentials.owner)") (401: \(what))"
        case 401:
            return "the API server does not accept \(credentials.name): it is wrong or expired (401: \(what))"
        case 403:
            return "\(what) (403); a ClusterRole that allows this must be bound to whoever asks"
        default:
            return "\(what) (\(status))"
        }
    }

    /// Proxies answer in plain text or HTML; one line of it says enough.
    private var plainText: String {
        let words = String(decoding: body.prefix(400), as: UTF8.self)
            .split { $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 0x20 } }
            .joined(separator: " ")
        return words.isEmpty ? phrase : "\(phrase): \(words.prefix(200))"
    }
}

/// What is needed of a `Status` (meta/v1).
private struct StatusObject {
    var message = ""
    var reason = ""
    var retryAfterSeconds: Int64?

    /// - Returns: Nil if the bytes are something else.
    init?(_ bytes: [UInt8]) {
        let limits = TextLimits(bytes: FailedAnswer.bodyLimit, values: 10_000)
        guard bytes.first == UInt8(ascii: "{"),
            let value = try? DocumentReader(limits: limits).documents(bytes).first?.value
        else { return nil }
        let root = Field(value, problems: Problems(origin: ""))
        guard root["kind"].string() == "Status" else { return nil }
        message = String((root["message"].string() ?? "").prefix(2000))
        reason = root["reason"].string() ?? ""
        let seconds = root["details"]["retryAfterSeconds"].int() ?? 0
        retryAfterSeconds = seconds > 0 ? seconds : nil
    }
}
