import PolicyModel
import VerdictTables

/// What a policy is to the compiler apart from what it says, found out once for all pods
/// that it is about.
struct Appraisal: Sendable {
    var hash: UInt64
    var size: PolicyWork.Size
    /// What it asks for beyond the bounds; it then fails closed.
    var excess: Excess?

    init(_ policy: NetworkPolicy) {
        var hash = StableHash()
        hash.add(policy)
        self.init(hash.value, PolicyWork(policy))
    }

    init(_ policy: ClusterNetworkPolicy) {
        var hash = StableHash()
        hash.add(policy)
        self.init(hash.value, PolicyWork(policy))
    }

    private init(_ hash: UInt64, _ work: PolicyWork) {
        self.hash = hash
        size = work.size
        excess = work.excess(size)
    }
}

/// A policy as far as it is about one direction.
struct PolicySide: Hashable, Sendable {
    var policy: ObjectReference
    var direction: Direction

    init(_ policy: ObjectReference, _ direction: Direction) {
        self.policy = policy
        self.direction = direction
    }
}

extension PolicyCompiler {
    private mutating func appraisal(_ policy: NetworkPolicy, _ direction: Direction) -> Appraisal {
        let side = PolicySide(policy.reference, direction)
        if let known = appraisals[side] { return known }
        let appraisal = Appraisal(policy)
        appraisals[side] = appraisal
        return appraisal
    }

    private mutating func appraisal(_ policy: ClusterNetworkPolicy, _ direction: Direction) -> Appraisal {
        let side = PolicySide(policy.reference, direction)
        if let known = appraisals[side] { return known }
        let appraisal = Appraisal(policy)
        appraisals[side] = appraisal
        return appraisal
    }

    mutating func forgetAppraisals(of policy: ObjectReference) {
        for direction in Direction.allCases { appraisals[PolicySide(policy, direction)] = nil }
    }

    package mutating func hash(of key: PolicySetKey) -> UInt64 {
        var hash = StableHash()
        // Sets of equal rules in both directions differ in services, guards and named ports.
        hash.add(key.direction.rawValue)
        hash.add(UInt64(key.subjectPorts.count))
        for port in key.subjectPorts {
            hash.add(port.name)
            hash.add(UInt64(port.protocol.rawValue) << 16 | UInt64(port.number))
        }
        hash.add(UInt64(key.exempt.count))
        for kind in Guard.Kind.allCases where key.exempt.contains(kind) { hash.add(kind.rawValue) }
        hash.add(UInt64(key.admin.count))
        for policy in key.admin { hash.add(appraisal(policy, key.direction).hash) }
        hash.add(UInt64(key.policies.count))
        for policy in key.policies { hash.add(appraisal(policy, key.direction).hash) }
        hash.add(UInt64(key.baseline.count))
        for policy in key.baseline { hash.add(appraisal(policy, key.direction).hash) }
        return hash.value
    }

    /// How many blocks a set brings in.
    func blockCount(_ key: PolicySetKey) -> Int {
        key.references.compactMap { appraisals[PolicySide($0, key.direction)] }.filter { $0.excess == nil }.reduce(0) {
            $0 + $1.size.blocks
        }
    }

    /// The policies of a set as they count: those that ask for more than they may, each
    /// by itself or all together, fail closed.
    mutating func bounded(_ key: PolicySetKey, for id: PolicySetID) -> PolicySetKey {
        let appraisals =
            key.admin.map { appraisal($0, key.direction) } + key.policies.map { appraisal($0, key.direction) }
            + key.baseline.map { appraisal($0, key.direction) }
        if appraisals.allSatisfy({ $0.excess == nil }),
            appraisals.count < 2 || appraisals.map(\.size).reduce(PolicyWork.Size(), { $0.adding($1) }).isSmall
        {
            return key
        }
        var works: [ObjectReference: PolicyWork] = [:]
        for policy in key.admin + key.baseline where appraisal(policy, key.direction).excess == nil {
            works[policy.reference] = PolicyWork(policy)
        }
        for policy in key.policies where appraisal(policy, key.direction).excess == nil {
            works[policy.reference] = PolicyWork(policy)
        }
        while works.count > 1 {
            let together = PolicyWork(Array(works.values))
            guard let excess = together.excess(together.size) else { break }
            // The one that asks for most; of equals the last.
            let shares = works.keys.map {
                (self.appraisals[PolicySide($0, key.direction)]?.size.share(in: excess.measure) ?? 0, $0)
            }
            guard let (_, worst) = shares.max(by: { $0 < $1 }) else { break }
            works[worst] = nil
            excesses[id, default: [:]][worst] = excess.diagnostic(
                of: PolicySide(worst, key.direction), beside: works.count)
        }
        let refused = Set(key.references).subtracting(works.keys)
        return refused.isEmpty ? key : key.failingClosed(refused)
    }

    /// What objects ask for beyond the bounds.
    var excessive: [Diagnostic] {
        let alone = appraisals.compactMap { side, appraisal in appraisal.excess?.diagnostic(of: side) }
        let together = excesses.values.flatMap(\.values)
        return Set(alone + together + crowdedServices.values).sorted {
            ($0.object, $0.message) < ($1.object, $1.message)
        }
    }
}

extension NetworkPolicy {
    fileprivate var reference: ObjectReference { ObjectReference(.networkPolicy, key) }
}

extension PolicySetKey {
    /// With nothing allowed by these policies; what they deny or pass on in part they deny.
    fileprivate func failingClosed(_ refused: Set<ObjectReference>) -> PolicySetKey {
        var key = self
        for place in key.policies.indices where refused.contains(key.policies[place].reference) {
            key.policies[place].rules = []
        }
        func closed(_ policy: ClusterNetworkPolicy) -> ClusterNetworkPolicy {
            guard refused.contains(policy.reference) else { return policy }
            var policy = policy
            policy.rules = policy.rules.filter { $0.action != .accept }.prefix(1).map {
                TierPolicyRule($0.place.direction, index: $0.index, name: $0.name, action: .deny, peers: nil)
            }
            return policy
        }
        key.admin = key.admin.map(closed)
        key.baseline = key.baseline.map(closed)
        return key
    }
}
