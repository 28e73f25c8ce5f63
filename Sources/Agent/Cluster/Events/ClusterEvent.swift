import FoundationEssentials
package import PolicyModel

/// A core/v1 `Event` in the form of servers from long before 1.20 to today's.
///
/// Without `eventTime`, as the API server holds such an Event to the older rules,
/// under which `count` and `lastTimestamp` may change; events.k8s.io/v1 allows
/// neither to be set.
package struct ClusterEvent: Hashable, Sendable, Encodable {
    package enum Kind: String, Hashable, Sendable, Encodable {
        case normal = "Normal"
        case warning = "Warning"
    }

    package struct Metadata: Hashable, Sendable, Encodable {
        package var name: String
        package var namespace: String
    }

    /// core/v1 `ObjectReference`.
    package struct Subject: Hashable, Sendable, Encodable {
        package var apiVersion: String
        package var kind: String
        package var namespace: String
        package var name: String
        package var uid: String?

        package static func pod(_ key: NamespacedName, uid: String) -> Subject {
            Subject(apiVersion: "v1", kind: "Pod", namespace: key.namespace, name: key.name, uid: uid)
        }

        package static func node(_ name: String) -> Subject {
            Subject(apiVersion: "v1", kind: "Node", namespace: "", name: name)
        }

        package static func networkPolicy(_ key: NamespacedName) -> Subject {
            Subject(
                apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: key.namespace,
                name: key.name)
        }
    }

    /// core/v1 `EventSource`.
    package struct Source: Hashable, Sendable, Encodable {
        package var component = "sluice"
        package var host: String
    }

    package var apiVersion = "v1"
    package var kind = "Event"
    package var metadata: Metadata
    package var involvedObject: Subject
    package var type: Kind
    package var reason: String
    package var message: String
    package var count: Int
    package var firstTimestamp: String
    package var lastTimestamp: String
    package var source: Source
    /// events.k8s.io/v1 calls it `reportingController`.
    package var reportingComponent = "sluice.dev/agent"
    package var reportingInstance: String

    /// - Parameters:
    ///   - identity: tells this Event from others about the same subject.
    ///   - first, last: seconds since 1970.
    package init(
        about subject: Subject, identity: UInt64, _ type: Kind, reason: String, message: String,
        count: Int = 1, first: Int, last: Int, node: String
    ) {
        metadata = Metadata(
            name: Self.name(subject.name, identity),
            namespace: subject.namespace.isEmpty ? "default" : subject.namespace)
        involvedObject = subject
        self.type = type
        self.reason = reason
        self.message = Self.oneLine(message)
        // An int32 on the server's side.
        self.count = min(count, Int(Int32.max))
        firstTimestamp = Self.text(first)
        lastTimestamp = Self.text(last)
        source = Source(host: node)
        reportingInstance = node
    }

    /// At most 253 characters, a DNS subdomain (apimachinery
    /// `IsDNS1123Subdomain`): the part before the dot ends as it must.
    private static func name(_ subject: String, _ identity: UInt64) -> String {
        let digits = String(identity, radix: 16)
        var kept = subject.prefix(253 - 17)
        while let last = kept.last, last == "." || last == "-" { kept.removeLast() }
        return "\(kept).\(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }

    /// Newer servers take at most 1024 bytes of message.
    private static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").printable
        guard line.utf8.count > 1024 else { return line }
        var kept = line.prefix(1021)
        while kept.utf8.count > 1021 { kept.removeLast() }
        return kept + "…"
    }

    private static func text(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }
}
