import FoundationEssentials
package import KubernetesClient

/// An Event to be made, or one that has been made and has changed.
package struct EventWrite: Hashable, Sendable {
    package var event: ClusterEvent
    package var isNew: Bool

    package init(_ event: ClusterEvent, isNew: Bool) {
        self.event = event
        self.isNew = isNew
    }

    /// What changes in an Event that is there already.
    private struct Change: Encodable {
        var count: Int
        var lastTimestamp: String
    }

    /// - Parameter patience: how long the server may take.
    package func request(patience: Duration) throws -> APIRequest {
        let events = "/api/v1/namespaces/\(event.metadata.namespace)/events"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isNew {
            return APIRequest(
                .post, events, body: APIRequest.Body(Array(try encoder.encode(event))), patience: patience,
                silence: patience)
        }
        let change = Change(count: event.count, lastTimestamp: event.lastTimestamp)
        return APIRequest(
            .patch, "\(events)/\(event.metadata.name)",
            body: APIRequest.Body(
                Array(try encoder.encode(change)), contentType: "application/merge-patch+json"),
            patience: patience, silence: patience)
    }
}
