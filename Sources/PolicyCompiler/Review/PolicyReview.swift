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

    /// - Parameter options: guards and exemptions; every pod is looked at.
    public init(_ objects: some Sequence<ClusterObject>, options: CompilerOptions) {
        var options = options
        options.subjects = .everyPod
        compiler = PolicyCompiler(options: options)
        for object in objects { compiler.set(object) }
    }

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
    public mutating func peerships(at address: IPAddress) -> [PeerIdentity] {
        remote(at: address).identity.peerships
    }

    /// Where translation may lead from an address and port of a service: every
    /// ready endpoint of that family.
    public func endpoints(
        of service: Service, _ port: Service.Port, ipv4: Bool
    ) -> [(address: IPAddress, port: UInt16)] {
        compiler.cluster.backends(of: ServiceAddress(service: service, ipv4: ipv4), port).inUse
            .map { ($0.address, $0.port) }
    }

    /// The administrators' policies, in the order in which they are asked.
    public var clusterPolicies: [ClusterNetworkPolicy] { compiler.clusterPolicies }

    /// What is to be said of the administrators' policies as they stand together.
    public var warnings: [Diagnostic] { compiler.warnings }

    /// What a set says about a remote, and why.
    public mutating func judge(
        _ set: PolicySetID, to address: IPAddress, protocol: TransportProtocol, port: UInt16
    ) -> (action: Action, cause: Cause?) {
        guard let compiled = compiler.compiled[set] else { return (.deny, nil) }
        let remote = remote(at: address)
        // Moved out and back, not copied.
        var notes = CauseRegistry()
        swap(&notes, &compiler.causes)
        let claims = Evaluation(
            set: compiled, cluster: compiler.cluster, guards: compiler.guards, cause: { notes.note($0) }
        ).claims(about: remote)
        swap(&notes, &compiler.causes)
        let covering = claims.indices.filter { claims[$0].pattern.matches(`protocol`, port) }
        let decision = claims.decision(of: covering) ?? compiled.last
        return (decision.action, compiler.cause(decision.cause))
    }

    private mutating func remote(at address: IPAddress) -> RemoteEnd {
        if let known = remotes[address] { return known }
        let remote = compiler.remoteEnd(compiler.space.members(at: address))
        remotes[address] = remote
        return remote
    }
}
