import FoundationEssentials
package import KubernetesClient

/// What a core/v1 `Node` says of its taints.
package struct NodeTaints: Hashable, Sendable, Decodable {
    /// While the agent is not ready, pods keep away from a node that joins with
    /// this taint.
    package static let notReady = "sluice.dev/agent-not-ready"

    private struct Metadata: Hashable, Decodable {
        var resourceVersion: String
    }
    private struct Spec: Hashable, Decodable {
        var taints: [Taint]?
    }
    private struct Taint: Hashable, Decodable {
        var key: String
    }

    private var metadata: Metadata
    private var spec: Spec?

    /// - Throws: `APIError` if this is no Node.
    package init(_ bytes: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw APIError(.invalidAnswer, message: "the answer is no Node: \(error)")
        }
    }

    /// One step of a JSON patch (RFC 6902).
    private struct Operation: Encodable {
        var op: String
        var path: String
        var value: String?
    }

    /// A JSON patch that removes every taint with the key; nil if there is none.
    /// It fails if anything in the node has changed since it was read, so what
    /// somebody else changes meanwhile is never lost.
    package func patchRemoving(_ key: String) throws -> APIRequest.Body? {
        let places = (spec?.taints ?? []).indices.filter { spec?.taints?[$0].key == key }
        guard !places.isEmpty else { return nil }
        let unchanged = Operation(op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion)
        // From the last: a removal moves those behind it.
        let removals = places.reversed().map { Operation(op: "remove", path: "/spec/taints/\($0)") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return APIRequest.Body(
            Array(try encoder.encode([unchanged] + removals)), contentType: "application/json-patch+json")
    }
}
