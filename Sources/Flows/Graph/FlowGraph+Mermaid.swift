import PolicyModel

extension FlowGraph {
    /// As a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html):
    /// namespaces are boxes, what is denied is red and dashed.
    public var mermaid: String {
        var lines = ["flowchart LR"]
        for (index, group) in numbered.enumerated() {
            let isInside = !group.namespace.isEmpty
            if isInside { lines.append("  subgraph ns\(index)[\(Self.quoted(group.namespace))]") }
            for (number, node) in group.nodes {
                let (open, close) = node.kind.brackets
                lines.append("\(isInside ? "    " : "  ")n\(number)\(open)\(Self.quoted(node.label))\(close)")
            }
            if isInside { lines.append("  end") }
        }
        let numbers = numbers
        var styles: [String] = []
        for (index, edge) in edges.enumerated() {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            let arrow = edge.verdict == .allowed ? "-->" : "-.->"
            lines.append("  n\(from) \(arrow)|\(Self.quoted(edge.label))| n\(to)")
            if let colour = edge.verdict.colour {
                styles.append("  linkStyle \(index) stroke:\(colour),color:\(colour)")
            }
        }
        return (lines + styles).joined(separator: "\n")
    }

    /// Text with entity codes for all that Mermaid or HTML might take for its own.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "#", "<", ">", "&", "`", "\\", "|", ";": quoted += "#\(scalar.value);"
            case _ where scalar.value < 32 || scalar.value == 127: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension FlowGraph.Node.Kind {
    fileprivate var brackets: (String, String) {
        switch self {
        case .workload, .pod, .cgroup: ("(", ")")
        case .service: ("{{", "}}")
        case .node: ("[[", "]]")
        case .metadata: ("[", "]")
        case .external: ("([", "])")
        }
    }
}

extension FlowVerdict {
    fileprivate var colour: String? {
        switch self {
        case .allowed: nil
        case .denied, .held: "red"
        case .audit: "orange"
        }
    }
}
