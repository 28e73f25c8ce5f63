import FoundationEssentials
import Glibc
import PacketLab

/// What agents have asked the server, by the server's own record.
struct AuditLog {
    /// An `Event` of audit.k8s.io/v1: one request that was answered, or a watch that was begun.
    struct Request: Decodable, Hashable {
        struct Object: Decodable, Hashable {
            var apiGroup: String?
            var resource: String
        }
        struct Status: Decodable, Hashable { var code: Int }
        var verb: String
        /// Nil where it is about no resource, as discovery is.
        var objectRef: Object?
        var responseStatus: Status?

        var succeeded: Bool { responseStatus.map { (200..<300).contains($0.code) } ?? false }
    }

    private let path: String
    let policy: String

    /// Writes the policy that has requests of the agent's account recorded, and no others.
    init(in directory: String) throws {
        path = "\(directory)/audit.log"
        policy = "\(directory)/audit-policy.yaml"
        let account = "system:serviceaccount:\(AgentContainer.namespace):\(AgentContainer.account)"
        try """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - {level: Metadata, users: ["\(account)"]}
          - {level: None}

        """.write(toFile: policy, atomically: false, encoding: .utf8)
    }

    /// For the server's command line.
    var arguments: [String] { ["--audit-policy-file=\(policy)", "--audit-log-path=\(path)"] }

    /// How long the record is now, in bytes.
    var end: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// - Parameter start: where the record ended before.
    func requests(after start: Int = 0) throws -> [Request] {
        guard end > start else { return [] }
        let bytes = try Data(contentsOf: URL(filePath: path)).dropFirst(start)
        // The last line may be half written.
        return try bytes.prefix(through: bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex)
            .split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(Request.self, from: Data($0)) }
    }

    /// Rights that an agent has made use of.
    func used(after start: Int = 0) throws -> Set<Right> {
        Set(
            try requests(after: start).filter(\.succeeded).compactMap { request in
                request.objectRef.map { Right(group: $0.apiGroup ?? "", resource: $0.resource, verb: request.verb) }
            })
    }

    /// Whether an agent was given a whole list of a resource.
    func hasList(of resource: String, after start: Int) throws -> Bool {
        try used(after: start).contains { $0.verb == "list" && $0.resource == resource }
    }
}
