import PolicyModel

/// Flows in words, for logs and people.
extension Flow {
    /// `namespace/name`, or the number of a cgroup that no pod is known for.
    public var sourceText: String {
        source.key?.description ?? source.cgroup.map { "cgroup \($0)" } ?? "?"
    }

    /// `10.0.0.7:443`, `[fd00::7]:443`; without a port where there is none.
    public var destinationText: String {
        guard let address = destination.address else { return "?" }
        return withPort(address.isIPv4 || transport.destinationPort == 0 ? "\(address)" : "[\(address)]")
    }

    /// Who is at the other end, without a port: `shop/db-0`, `service shop/db`,
    /// `node n1`, `metadata imds`, `api.example.com (203.0.113.7)`, or an address.
    public var destinationName: String {
        switch destinationKind {
        case .pod: destination.key?.description ?? addressText
        case .service: service.map { "service \($0)" } ?? addressText
        case .node: destinationNames.first.map { "node \($0)" } ?? addressText
        case .metadata: destinationNames.first.map { "metadata \($0)" } ?? addressText
        case .external: domainNames.first.map { "\($0) (\(addressText))" } ?? addressText
        }
    }

    /// The same with the port, if there is one.
    public var destinationNameAndPort: String {
        if destinationKind == .external, let name = domainNames.first {
            return "\(withPort("\(name)")) (\(addressText))"
        }
        return destinationName == addressText ? destinationText : withPort(destinationName)
    }

    /// One line of the agent's log, of printable characters.
    public var logLine: String {
        var line = "\(verdict.rawValue) \(sourceText) to \(destinationText) \(transport.name)"
        if let process { line += " by \(process.name)[\(process.pid)]" }
        if count > 1 { line += " \(count) times" }
        return (line + ": \(reason)").printable
    }

    private var addressText: String { destination.address?.description ?? "?" }

    private func withPort(_ name: String) -> String {
        transport.destinationPort > 0 ? "\(name):\(transport.destinationPort)" : name
    }
}
