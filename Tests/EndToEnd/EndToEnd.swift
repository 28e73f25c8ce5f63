import Testing

/// Everything here shares one control plane, which takes seconds to start; each suite has
/// namespaces of its own.
@Suite(.serialized, .oneCluster) struct EndToEnd {}

struct OneCluster: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try Cluster()
        defer { cluster.close() }
        try await Cluster.$shared.withValue(cluster) { try await function() }
    }
}

extension Trait where Self == OneCluster {
    static var oneCluster: Self { OneCluster() }
}
