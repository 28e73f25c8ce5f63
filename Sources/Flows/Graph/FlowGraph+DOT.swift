import PolicyModel

extension FlowGraph {
    /// In Graphviz's language (https://graphviz.org/doc/info/lang.html): namespaces
    /// are boxes, what is denied is red and dashed.
    public var dot: String {
        var lines = [
            "digraph sluice {", "  rankdir=LR;", "  node [shape=box, style=rounded];",
        ]
        for (index, group) in numbered.enumerated() {
            let isInside = !group.namespace.isEmpty
            if isInside {
                lines.append("  subgraph cluster_\(index) {")
                lines.append("    label=\(Self.quoted(group.namespace));")
            }
            for (number, node) in group.nodes {
                let shape = node.kind.shape.map { ", shape=\($0)" } ?? ""
                lines.append("\(isInside ? "    " : "  ")n\(number) [label=\(Self.quoted(node.label))\(shape)];")
            }
            if isInside { lines.append("  }") }
        }
        let numbers = numbers
        for edge in edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            lines.append("  n\(from) -> n\(to) [label=\(Self.quoted(edge.label))\(edge.verdict.style)];")
        }
        return lines.joined(separator: "\n") + "\n}"
    }

    /// A string in which nothing is meant by a backslash, as in `escString`.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 32 || scalar.value == 127: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension FlowGraph.Node.Kind {
    /// Nil for the usual one.
    fileprivate var shape: String? {
        switch self {
        case .workload, .pod, .cgroup: nil
        case .service: "hexagon"
        case .node: "box3d"
        case .metadata: "octagon"
        case .external: "ellipse"
        }
    }
}

extension FlowVerdict {
    fileprivate var style: String {
        switch self {
        case .allowed: ""
        case .denied, .held: ", color=red, fontcolor=red, style=dashed"
        case .audit: ", color=orange, fontcolor=orange, style=dashed"
        }
    }
}
