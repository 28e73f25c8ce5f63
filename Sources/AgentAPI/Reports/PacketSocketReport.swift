public import PolicyModel

/// What the agent says of the packet-socket guard; whether it is in force, its links say.
public struct PacketSocketReport: Codable, Hashable, Sendable {
    public var mode: Guard.Mode
    /// Why this kernel cannot have it, though it is wanted.
    public var obstacle: String?

    package init(mode: Guard.Mode, obstacle: String? = nil) {
        self.mode = mode
        self.obstacle = obstacle
    }
}
