public import PolicyModel

/// Who talks to whom: flows added up by workload and verdict.
public struct FlowGraph: Hashable, Sendable {
    public struct Node: Hashable, Sendable, Comparable, Codable {
        public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            case workload
            /// Of no workload.
            case pod
            case service, node
            case metadata
            /// Outside the cluster: the narrowest block of a rule, or `outside`.
            case external
            /// That no pod is known for.
            case cgroup
        }

        public var kind: Kind
        /// Empty for what has none.
        public var namespace: String
        public var name: String

        public static func < (left: Self, right: Self) -> Bool {
            (left.namespace, left.kind.rawValue, left.name) < (right.namespace, right.kind.rawValue, right.name)
        }
    }

    public struct Edge: Hashable, Sendable, Codable {
        public var from: Node
        public var to: Node
        public var verdict: FlowVerdict
        /// For instance `TCP 443`, sorted.
        public var ports: [String]
        /// How many packets, or calls that were refused.
        public var count: UInt64
        public var last: FlowTime
    }

    /// All that an edge has at an end, sorted.
    public let nodes: [Node]
    /// Sorted by ends and verdict.
    public let edges: [Edge]

    private struct Key: Hashable, Comparable {
        var from: Node
        var to: Node
        var verdict: FlowVerdict

        static func < (left: Self, right: Self) -> Bool {
            (left.from, left.to, left.verdict.rawValue) < (right.from, right.to, right.verdict.rawValue)
        }
    }

    private struct Sum {
        var ports: Set<Port> = []
        var count: UInt64 = 0
        var last = FlowTime(nanoseconds: 0)
    }

    /// In the order of protocol and port, not of text.
    private struct Port: Hashable, Comparable {
        var transport: String
        var number: UInt16

        static func < (left: Self, right: Self) -> Bool {
            (left.transport, left.number) < (right.transport, right.number)
        }

        var text: String { number > 0 ? "\(transport) \(number)" : transport }
    }

    public init(_ flows: some Sequence<Flow>) {
        var sums: [Key: Sum] = [:]
        for flow in flows {
            let key = Key(from: Node(sourceOf: flow), to: Node(destinationOf: flow), verdict: flow.verdict)
            sums[key, default: Sum()].ports.insert(
                Port(transport: flow.transport.name, number: flow.transport.destinationPort))
            sums[key, default: Sum()].count += UInt64(flow.count)
            sums[key, default: Sum()].last = max(sums[key]?.last ?? flow.time, flow.time)
        }
        nodes = Set(sums.keys.flatMap { [$0.from, $0.to] }).sorted()
        edges = sums.sorted { $0.key < $1.key }.map { key, sum in
            Edge(
                from: key.from, to: key.to, verdict: key.verdict, ports: sum.ports.sorted().map(\.text),
                count: sum.count, last: sum.last)
        }
    }
}

extension FlowGraph.Node {
    fileprivate init(sourceOf flow: Flow) {
        self =
            Self(pod: flow.source)
            ?? Self(
                kind: .cgroup, namespace: "", name: flow.source.cgroup.map { "\($0)" } ?? "unknown")
    }

    fileprivate init(destinationOf flow: Flow) {
        let named = flow.destinationNames.first
        switch flow.destinationKind {
        case .pod: self = Self(pod: flow.destination) ?? Self(kind: .external, namespace: "", name: Self.outside)
        case .service:
            self.init(kind: .service, namespace: flow.service?.namespace ?? "", name: flow.service?.name ?? "unknown")
        case .node: self.init(kind: .node, namespace: "", name: named ?? "unknown")
        case .metadata: self.init(kind: .metadata, namespace: "", name: named ?? "unknown")
        case .external:
            self.init(
                kind: .external, namespace: "", name: named.flatMap { Self.isEverything($0) ? nil : $0 } ?? Self.outside
            )
        }
    }

    private init?(pod end: FlowEnd) {
        guard !end.pod.isEmpty else { return nil }
        self.init(
            kind: end.workload == nil ? .pod : .workload, namespace: end.namespace,
            name: end.workload?.description ?? end.pod)
    }

    private static let outside = "outside"

    private static func isEverything(_ block: String) -> Bool { block == "0.0.0.0/0" || block == "::/0" }
}

extension FlowGraph.Node {
    /// What stands in a drawing, for instance `Deployment web` or `service db`.
    var label: String {
        switch kind {
        case .workload, .external: name
        case .pod, .service, .node, .metadata, .cgroup: "\(kind.rawValue) \(name)"
        }
    }
}

extension FlowGraph.Edge {
    private static let mostPorts = 5

    /// `TCP 80, TCP 443 and 2 more ×12`, after the verdict where that is not ALLOWED.
    var label: String {
        let shown = ports.prefix(Self.mostPorts).joined(separator: ", ")
        let more = ports.count > Self.mostPorts ? " and \(ports.count - Self.mostPorts) more" : ""
        return (verdict == .allowed ? "" : "\(verdict.rawValue) ") + shown + more + " ×\(count)"
    }
}

extension FlowGraph {
    /// Nodes with a number each, by namespace; those without one last.
    var numbered: [(namespace: String, nodes: [(number: Int, node: Node)])] {
        let groups = Dictionary(grouping: nodes.enumerated().map { (number: $0.offset, node: $0.element) }) {
            $0.node.namespace
        }
        return groups.keys.sorted { ($0.isEmpty ? 1 : 0, $0) < ($1.isEmpty ? 1 : 0, $1) }
            .map { (namespace: $0, nodes: groups[$0] ?? []) }
    }

    var numbers: [Node: Int] {
        Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($0.element, $0.offset) })
    }
}

/// `{"nodes": [{"kind", "namespace", "name"}…], "edges": [{"from", "to", "verdict",
/// "ports", "count", "last"}…]}`
extension FlowGraph: Encodable {
    private enum CodingKeys: String, CodingKey { case nodes, edges }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(nodes, forKey: .nodes)
        try fields.encode(edges, forKey: .edges)
    }
}
