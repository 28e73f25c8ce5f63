import FoundationEssentials
import PolicyModel

/// One cluster state with the verdicts that are expected in it.
struct CaseFile: Sendable {
    let id: String
    /// The whole file: readers of manifests take `{"objects": […]}` and leave the rest alone.
    let contents: [UInt8]
    /// Every probe that is judged; `undefined_probes` is what the API leaves open.
    let probes: [CaseProbe]

    private struct Record: Decodable {
        var id: String
        var probes: [CaseProbe]?
        var service_probes: [CaseProbe]?
        var conformance_service_probes: [CaseProbe]?
    }

    init(_ contents: [UInt8]) throws {
        let record = try JSONDecoder().decode(Record.self, from: Data(contents))
        id = record.id
        self.contents = contents
        probes =
            (record.probes ?? []) + (record.service_probes ?? [])
            + (record.conformance_service_probes ?? [])
    }

    /// The probes by pod, pods by name.
    var byPod: [(pod: NamespacedName, probes: [CaseProbe])] {
        Dictionary(grouping: probes, by: \.pod).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// One question to a case, and its answer.
struct CaseProbe: Hashable, Sendable, Decodable {
    let pod: NamespacedName
    let to: IPAddress
    let port: UInt16
    let `protocol`: TransportProtocol
    let allowed: Bool

    private enum Key: String, CodingKey { case pod, to, port, `protocol`, expect }

    init(from decoder: any Decoder) throws {
        let record = try decoder.container(keyedBy: Key.self)
        func text(_ key: Key) throws -> String { try record.decode(String.self, forKey: key) }
        func wrong(_ key: Key) throws -> DecodingError {
            .dataCorruptedError(forKey: key, in: record, debugDescription: try text(key))
        }
        let name = try text(.pod).split(separator: "/")
        guard name.count == 2 else { throw try wrong(.pod) }
        guard let to = IPAddress(try text(.to)) else { throw try wrong(.to) }
        guard let `protocol` = TransportProtocol(name: try text(.protocol)) else {
            throw try wrong(.protocol)
        }
        guard ["allow", "deny"].contains(try text(.expect)) else { throw try wrong(.expect) }
        pod = NamespacedName(String(name[0]), String(name[1]))
        self.to = to
        self.protocol = `protocol`
        port = try record.decode(UInt16.self, forKey: .port)
        allowed = try text(.expect) == "allow"
    }
}

extension CaseProbe: CustomStringConvertible {
    var description: String { "\(pod) to \(to) port \(port) \(self.protocol.name)" }
}
