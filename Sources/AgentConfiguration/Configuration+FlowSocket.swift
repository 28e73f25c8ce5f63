import KubernetesObjects

extension Configuration {
    /// Where flows are asked for.
    public enum FlowSocketPlace: Hashable, Sendable {
        case off
        /// `agent.sock` in the state directory.
        case inStateDirectory
        case path(String)
    }

    /// The name of the agent's socket in its state directory.
    public static let socketName = "agent.sock"

    /// Where the health of the agent is asked for, in the state directory.
    public static let healthSocketName = "health.sock"

    package var healthSocketPath: String { "\(stateDirectory)/\(Self.healthSocketName)" }

    /// Nil: nowhere.
    package var socketPath: String? {
        switch flows.socket {
        case .off: nil
        case .inStateDirectory: "\(stateDirectory)/\(Self.socketName)"
        case .path(let path): path
        }
    }
}

extension Field {
    /// Whether there is a socket, or where.
    func socketPlace() -> Configuration.FlowSocketPlace? {
        if case .bool(let isOn) = value { return isOn ? .inStateDirectory : .off }
        guard let text = string() else { return nil }
        if text.hasPrefix("/") { return .path(text) }
        error("\(quoted(text)) is neither true, false, nor a path that begins with a slash")
        return nil
    }
}
