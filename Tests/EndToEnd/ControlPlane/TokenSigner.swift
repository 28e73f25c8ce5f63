import FoundationEssentials
import Glibc
import PacketLab

/// Makes tokens of the agent's account that the server takes for its own, with a life as short as
/// a test wants it: the shortest that the API gives is ten minutes.
struct TokenSigner {
    /// For how many seconds after its end the server still takes a token.
    static let leeway = 60

    private let directory: String
    private let uid: String

    init(_ controlPlane: ControlPlane) throws {
        directory = controlPlane.directory
        uid = try controlPlane.kubectl(
            "get", "serviceaccount", AgentContainer.account, "-n", AgentContainer.namespace,
            "-o", "jsonpath={.metadata.uid}")
    }

    /// - Parameter seconds: how long the token holds, from now. The server adds ``leeway``.
    func token(seconds: Int) throws -> String {
        let (account, namespace) = (AgentContainer.account, AgentContainer.namespace)
        let issuer = ControlPlane.issuer
        let now = time(nil)
        let header = #"{"alg":"RS256"}"#
        let claims = """
            {"iss":"\(issuer)","aud":["\(issuer)"],"iat":\(now - 3600),"nbf":\(now - 3600),\
            "exp":\(now + seconds),"sub":"system:serviceaccount:\(namespace):\(account)",\
            "kubernetes.io":{"namespace":"\(namespace)",\
            "serviceaccount":{"name":"\(account)","uid":"\(uid)"}}}
            """
        let text = "\(Self.encoded(Data(header.utf8))).\(Self.encoded(Data(claims.utf8)))"
        let (input, output) = ("\(directory)/token-text", "\(directory)/token-signature")
        try text.write(toFile: input, atomically: false, encoding: .utf8)
        try openssl(["dgst", "-sha256", "-sign", "\(directory)/accounts.key", "-out", output, input])
        return try "\(text).\(Self.encoded(Data(contentsOf: URL(filePath: output))))"
    }

    /// base64url without padding (RFC 7515).
    private static func encoded(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}

extension ControlPlane {
    /// Whether the server takes a token for the agent's.
    func accepts(token: String) throws -> Bool {
        let answer = try kubectl(
            "create", "-o", "jsonpath={.status}",
            text: """
                apiVersion: authentication.k8s.io/v1
                kind: TokenReview
                metadata: {name: none}
                spec: {token: \(token)}

                """)
        return answer.contains("system:serviceaccount:\(AgentContainer.namespace):\(AgentContainer.account)")
    }
}
