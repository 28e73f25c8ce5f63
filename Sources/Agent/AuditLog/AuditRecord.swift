import AgentAPI
package import Flows
package import PolicyModel

/// One line of the audit log.
package struct AuditRecord: Encodable, Sendable {
    package enum Event: Sendable {
        /// Denied, passed in audit mode, or passed a guard.
        case flow(Flow)
        case change(Change)
        case pod(PodChange)
        case agent(AgentChange)
    }

    /// Somebody changed an object that decides what may connect.
    package struct Change: Encodable, Sendable {
        package enum Action: String, Encodable, Sendable { case set, removed }

        package var action: Action
        package var kind: String
        package var namespace: String
        package var name: String
        /// Nil for files, and for what is removed.
        package var by: Provenance?
        /// How many entries of the kernel's tables the change came to, with all
        /// that came with it.
        package var entries: Int
        /// The kernel's generation after it.
        package var generation: UInt32
        /// Why it is not in force, if it is not.
        package var problem: String?
    }

    /// A pod of this node is enforced from now on, or no longer.
    package struct PodChange: Encodable, Sendable {
        package enum Action: String, Encodable, Sendable { case enforced, unproven, gone }

        package var action: Action
        package var cgroupID: UInt64
        package var namespace: String?
        package var name: String?
        package var uid: String?
        package var policies: [String]?
    }

    /// The agent itself.
    package struct AgentChange: Encodable, Sendable {
        package enum Action: String, Encodable, Sendable { case started, synced, stopped, lost }

        package var action: Action
        package var detail: String

        package init(action: Action, detail: String) {
            self.action = action
            self.detail = detail
        }
    }

    package var time: FlowTime
    package var node: String
    package var event: Event

    package init(time: FlowTime, node: String, _ event: Event) {
        self.time = time
        self.node = node
        self.event = event
    }

    private enum CodingKeys: String, CodingKey { case time, node, type, flow, change, pod, agent }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(time, forKey: .time)
        try fields.encode(node, forKey: .node)
        func encode(_ value: some Encodable, _ key: CodingKeys) throws {
            try fields.encode(key.rawValue, forKey: .type)
            try fields.encode(value, forKey: key)
        }
        switch event {
        case .flow(let flow): try encode(flow, .flow)
        case .change(let change): try encode(change, .change)
        case .pod(let pod): try encode(pod, .pod)
        case .agent(let agent): try encode(agent, .agent)
        }
    }
}
