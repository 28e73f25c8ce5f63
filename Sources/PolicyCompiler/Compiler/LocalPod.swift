public import PolicyModel
public import VerdictTables

/// A pod that a verdict is wanted for.
public struct LocalPod: Hashable, Sendable {
    public var key: NamespacedName
    public var uid: String
    public var hostNetwork: Bool
    /// The annotation `sluice.dev/cgroup`, from manifests only.
    public var cgroupPath: String?
    /// What the API says of a static pod's cgroup.
    public var mirror: Pod.Mirror?
    /// Every address of its own; none for a pod of the host's network.
    public var addresses: [IPAddress]
    public var policySet: PolicySetID
    /// The policies that isolate it, sorted.
    public var policies: [NamespacedName]
    /// The administrators' policies about it, in the order in which they are asked;
    /// of tier Baseline only where no NetworkPolicy isolates it.
    public var clusterPolicies: [ObjectReference]
    /// The guards that do not apply, by the agent's configuration.
    public var exemptions: Set<Guard.Kind>
    public var flags: PodFlags
    /// Phase Succeeded or Failed. It is enforced as long as it has a cgroup, and awaits none.
    public var finished: Bool
    /// Why no verdict reaches its packets, though everything is done as if one did; nil if it does.
    public var unenforceable: String?

    /// Every policy about it, as reports name them.
    public var policyTexts: [String] {
        clusterPolicies.map(\.description) + policies.map(\.description)
    }

    /// What the kernel is told, once the pod's cgroup is known.
    public var entry: PodEntry {
        PodEntry(
            policySet: policySet, flags: flags, ownIPv4: addresses.first(where: \.isIPv4),
            ownIPv6: addresses.first { !$0.isIPv4 })
    }
}

/// Labels of a Namespace that Sluice heeds. Who may write Namespace objects may
/// weaken enforcement; who may write pods may not.
enum NamespaceLabel {
    /// `audit`: what policy would deny passes and is reported.
    static let enforcement = "sluice.dev/enforcement"
    /// `false`: denied calls time out instead of failing at once.
    static let failFast = "sluice.dev/fail-fast"
}
