extension Configuration {
    /// `flows`: how flows are told of.
    public struct Flows: Hashable, Sendable {
        /// Where flows are asked for.
        public enum Socket: Hashable, Sendable {
            case off
            /// `agent.sock` in the state directory.
            case inStateDirectory
            case path(String)
        }

        public var socket = Socket.inStateDirectory
        /// How many flows are kept for who asks later; each takes about half a kilobyte.
        public var history: UInt32 = 4096
        public init() {}
    }

    /// The name of the agent's socket in its state directory.
    public static let socketName = "agent.sock"

    /// Where flows are asked for; nil: nowhere.
    var socketPath: String? {
        switch flows.socket {
        case .off: nil
        case .inStateDirectory: "\(stateDirectory)/\(Self.socketName)"
        case .path(let path): path
        }
    }
}
