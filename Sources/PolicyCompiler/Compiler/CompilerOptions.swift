public import PolicyModel

/// What the compiler is told beside the cluster's objects.
public struct CompilerOptions: Hashable, Sendable {
    /// Whose verdicts are wanted.
    public enum Subjects: Hashable, Sendable {
        case everyPod
        /// Pods of this node; with `includingUnassigned` also pods whose
        /// `spec.nodeName` is empty, as manifests of one machine have it.
        case node(String, includingUnassigned: Bool)
    }

    public var subjects: Subjects
    /// Guards in force, off ones left out.
    public var guards: [Guard]
    public var exemptions: [GuardExemption]
    /// Addresses of the node itself that its pods may always reach; empty
    /// means that the pod's own node is like any other address.
    public var allowedNodeAddresses: [IPAddress]
    /// Whether denied calls fail at once, where no namespace says otherwise.
    public var failsFast: Bool

    public init(
        subjects: Subjects = .everyPod, guards: [Guard] = MetadataEndpoint.defaultGuards,
        exemptions: [GuardExemption] = [], allowedNodeAddresses: [IPAddress] = [],
        failsFast: Bool = true
    ) {
        self.subjects = subjects
        self.guards = guards.filter { $0.mode != .off }
        self.exemptions = exemptions
        self.allowedNodeAddresses = allowedNodeAddresses
        self.failsFast = failsFast
    }

    /// Whether verdicts are wanted for a pod.
    public func covers(_ pod: Pod) -> Bool {
        switch subjects {
        case .everyPod: true
        case .node(let name, let includingUnassigned):
            pod.nodeName == name || pod.cgroupPath != nil
                || (includingUnassigned && pod.nodeName.isEmpty)
        }
    }
}
