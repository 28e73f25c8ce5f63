/// Something that keeps the agent from starting.
public struct AgentError: Error, CustomStringConvertible {
    public var description: String

    package init(_ description: String) { self.description = description }
}
