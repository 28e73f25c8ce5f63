public import PolicyModel
public import VerdictTables

/// A cluster's objects, asked about and not enforced.
///
/// No tables are made, so that a question costs what its answer costs, however
/// many pods and policies there are. What is answered is what the tables would say.
public struct PolicyReview: Sendable {
    private var compiler: PolicyCompiler
    /// What was asked about since the last set came.
    private var remotes: [IPAddress: RemoteEnd] = [:]

    /// - Parameters:
    ///   - objects: the whole cluster's.
    ///   - options: guards and exemptions; every pod is looked at.
    public init(_ objects: some Sequence<ClusterObject>, options: CompilerOptions) {
        var options = options
        options.subjects = .everyPod
        compiler = PolicyCompiler(options: options)
        for object in objects { compiler.set(object) }
    }

    public var cluster: ClusterState { compiler.cluster }

    /// What a pod's policies add up to. Ask for all the sets before questions about addresses.
    public mutating func policySet(of pod: Pod) -> PolicySetID {
        remotes = [:]
        return compiler.retainSet(compiler.policySetKey(of: pod, .egress))
    }

    /// The policies of a set, in the order in which tiers are asked.
    public func policies(of set: PolicySetID) -> [ObjectReference] {
        compiler.compiled[set]?.key.references ?? []
    }

    /// The guards that do not apply.
    public func exemptions(of set: PolicySetID) -> Set<Guard.Kind> {
        compiler.compiled[set]?.key.exempt ?? []
    }

    /// What an address is to the rules of the sets asked for.
    public mutating func identities(at address: IPAddress) -> [PeerIdentity] {
        remote(at: address).identity.peers
    }

    /// What reports say about the policies as they are compiled.
    public var warnings: [Diagnostic] { compiler.warnings }

    /// What a set says about a remote, and why.
    public mutating func judge(
        _ set: PolicySetID, to address: IPAddress, protocol: TransportProtocol, port: UInt16
    ) -> (action: Action, cause: Cause?) {
        guard let compiled = compiler.compiled[set] else { return (.deny, nil) }
        let remote = remote(at: address)
        // Moved out and back, not copied.
        var registry = CauseRegistry()
        swap(&registry, &compiler.causes)
        let outcomes = Evaluation(
            set: compiled, cluster: compiler.cluster, guards: compiler.guards, cause: { registry.intern($0) }
        ).outcomes(about: remote)
        swap(&registry, &compiler.causes)
        let covering = outcomes.indices.filter { outcomes[$0].pattern.matches(`protocol`, port) }
        let decision = outcomes.decision(of: covering) ?? compiled.last
        return (decision.action, compiler.cause(decision.cause))
    }

    private mutating func remote(at address: IPAddress) -> RemoteEnd {
        if let known = remotes[address] { return known }
        let remote = compiler.remoteEnd(compiler.addressTable.members(at: address))
        remotes[address] = remote
        return remote
    }
}
