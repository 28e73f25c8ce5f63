public import PolicyModel

/// What the agent tells the tool of policies, beside the snapshot. Written to a
/// file of its own, as it changes seldom and may be long.
public struct PolicyReport: Codable, Hashable, Sendable {
    public struct Rule: Codable, Hashable, Sendable {
        /// Its place in `spec.egress`.
        public var index: Int
        /// For people.
        public var text: String
        /// No known pod and no known node is one of its peers.
        public var matchesNothing: Bool

        package init(
            index: Int, text: String, matchesNothing: Bool
        ) {
            self.index = index
            self.text = text
            self.matchesNothing = matchesNothing
        }
    }

    public struct Policy: Codable, Hashable, Sendable {
        /// As the API names it, for instance `NetworkPolicy`.
        public var kind: String
        /// Empty for the administrators' policies.
        public var namespace: String
        public var name: String
        /// Nil for a NetworkPolicy.
        public var tier: ClusterNetworkPolicy.Tier?
        /// Nil for kinds that have none.
        public var priority: Int?
        /// Whom it is about, for people; empty if that is not known.
        public var subject: String
        /// The pods of this node that it is about, as `namespace/name`.
        public var pods: [String]
        /// Those that are understood.
        public var rules: [Rule]
        /// What is wrong with it.
        public var problems: [Snapshot.Problem]

        package init(
            kind: String, namespace: String, name: String, tier: ClusterNetworkPolicy.Tier? = nil,
            priority: Int? = nil, subject: String, pods: [String], rules: [Rule], problems: [Snapshot.Problem]
        ) {
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.tier = tier
            self.priority = priority
            self.subject = subject
            self.pods = pods
            self.rules = rules
            self.problems = problems
        }
    }

    public var writtenAt: Int
    public var node: String
    /// In the order in which they are asked.
    public var policies: [Policy]
    /// NetworkPolicies that isolate no pod of this node: not looked at further.
    public var elsewhere: Int

    package init(writtenAt: Int, node: String, policies: [Policy], elsewhere: Int) {
        self.writtenAt = writtenAt
        self.node = node
        self.policies = policies
        self.elsewhere = elsewhere
    }
}

extension PolicyReport: StateFile {
    package static let fileName = "policies.json"

    /// Equal but for the time of writing.
    package func resembles(_ other: PolicyReport?) -> Bool {
        policies == other?.policies && elsewhere == other?.elsewhere && node == other?.node
    }
}
