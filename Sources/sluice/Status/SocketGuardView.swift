import AgentAPI
import PolicyModel

/// How the packet-socket guard stands on this node.
struct SocketGuardView: Encodable {
    enum State: String, Encodable {
        case enforced, audit, off
        /// The kernel cannot.
        case unavailable
        /// The kernel can, and it is wanted; somebody took it away, or the agent has yet to attach it.
        case missing
        /// No agent has said what is wanted, and nothing is attached.
        case unknown
    }

    var state: State
    /// Why the kernel cannot.
    @EncodesNil var reason: String?

    /// - Parameters:
    ///   - report: what the agent last said.
    ///   - isAttached: whether it is in force wherever the datapath is.
    init(_ report: PacketSocketReport?, isAttached: Bool) {
        let obstacle = report?.obstacle
        reason = obstacle
        state =
            switch report?.mode {
            case nil: isAttached ? .enforced : .unknown
            case .off: .off
            case _ where obstacle != nil: .unavailable
            case _ where !isAttached: .missing
            case .enforce: .enforced
            case .audit: .audit
            }
    }

    /// What a pod with CAP_NET_RAW can do without it.
    private static let danger = "a pod with CAP_NET_RAW can send frames past the hooks by AF_PACKET"

    var text: String {
        switch state {
        case .enforced: "active: pods are refused AF_PACKET, AF_XDP and whatever else is below the hooks"
        case .audit: "audit: sockets below the hooks are reported, not refused"
        case .off: "not active, switched off: \(Self.danger)"
        case .unavailable: "not active: \(reason ?? "the kernel cannot"); \(Self.danger)"
        case .missing: "not attached: \(Self.danger)"
        case .unknown: "not active: \(Self.danger)"
        }
    }
}
