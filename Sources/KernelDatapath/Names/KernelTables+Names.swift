public import PolicyModel
public import VerdictTables

extension KernelTables {
    /// Whether a policy set has a rule for the name, as is_covered in bpf/src/dns_policy.h finds out.
    public func covers(_ name: DomainName, in policySet: PolicySetID) throws(KernelError) -> Bool {
        guard let nameClass = try nameClass(of: name) else { return false }
        for isPrivate in [false, true]
        where try rule(RuleKey(policySet, nameClass, privateAnswer: isPrivate)) != nil {
            return true
        }
        return false
    }

    /// Whether a policy set has a rule that takes the name for such an address.
    public func covers(
        _ name: DomainName, in policySet: PolicySetID, at address: IPAddress
    ) throws(KernelError) -> Bool {
        guard let nameClass = try nameClass(of: name) else { return false }
        return try rule(RuleKey(policySet, nameClass, privateAnswer: !address.isPublic)) != nil
    }
}
