public import VerdictTables

extension KernelTables {
    public func covers(_ name: String, _ policySet: PolicySetID) throws(KernelError) -> Bool { false }
}
