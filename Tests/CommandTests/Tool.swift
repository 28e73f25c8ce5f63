import FoundationEssentials
import TestHarness

/// `sluice` as a user runs it.
func run(_ arguments: [String], input: String = "") async throws -> Programs.Ended {
    try await Programs.run("sluice", arguments, input: input)
}

/// The same on a page of so many columns.
func run(_ arguments: [String], columns: Int) async throws -> Programs.Ended {
    try await Programs.run("/usr/bin/env", ["COLUMNS=\(columns)", Programs.path("sluice")] + arguments)
}

/// What `simulate -o json` prints; decoding fails if a key is missing.
struct Row: Decodable, Equatable {
    var pod: String
    var to: String
    var port: Int
    var `protocol`: String
    var verdict: String
    var reason: String
    var policy: String?
    var rule: Int?

    static func all(_ text: String) throws -> [Row] {
        try JSONDecoder().decode([Row].self, from: Data(text.utf8))
    }
}

/// A shop with a web and a database pod; web may reach the database's port alone.
enum Shop {
    static let cluster = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop, labels: {app: web}}
        status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: db, namespace: shop, labels: {app: db}}
        status: {podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.2}, {ip: "fd00::2"}]}

        """

    static let policy = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          policyTypes: [Egress]
          egress:
          - to: [{podSelector: {matchLabels: {app: db}}}]
            ports: [{port: 5432}, {port: 53, protocol: UDP}]

        """

    static var everything: String { cluster + "---\n" + policy }
}
