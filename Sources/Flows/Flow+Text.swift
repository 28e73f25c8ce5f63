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
        guard transport.destinationPort > 0 else { return "\(address)" }
        return address.isIPv4
            ? "\(address):\(transport.destinationPort)" : "[\(address)]:\(transport.destinationPort)"
    }

    /// One line of the agent's log.
    public var logLine: String {
        var line = "\(verdict.rawValue) \(sourceText) to \(destinationText) \(transport.name)"
        if let process { line += " by \(process.name)[\(process.pid)]" }
        if count > 1 { line += " \(count) times" }
        return line + ": \(reason)"
    }
}
