import PolicyModel

extension Direction {
    /// The directions whose rules the decoders read. Another direction's fields are neither
    /// kept nor validated, so that an error in them is none of this agent's.
    /// `networkPolicyProjection` keeps the same fields.
    static let decoded: [Direction] = [.egress]
}
