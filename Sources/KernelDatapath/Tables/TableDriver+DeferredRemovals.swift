public import VerdictTables

/// What changes leave behind for programs that still run.
///
/// Programs look up a pod, an address or a name, a rule and a port, in this order. One
/// that found the first three must still find the fourth, so rules and ports
/// go only when nobody runs who could have found what led to them.
extension TableDriver {
    public var hasDeferredRemovals: Bool { !deferred.isEmpty }

    /// Stands for what changes have left behind until now. It can go when `GracePeriod` has passed since.
    public func markDeferredRemovals() -> DeferredRemovals.Mark { deferred.mark() }

    /// Removes what was left behind before the mark, as far as it can, and moves the generation,
    /// for a rule may have been put off whose class some address still has.
    ///
    /// - Returns: how many entries went.
    /// - Throws: the first failure; `compareAndRepair` tries again.
    @discardableResult
    public func drainDeferredRemovals(through mark: DeferredRemovals.Mark) throws(KernelError) -> Int {
        var removed = 0
        var failure: KernelError?
        let removals = deferred.drain(through: mark)
        for removal in removals {
            do {
                try perform(removal)
                removed += 1
            } catch {
                failure = failure ?? error
            }
        }
        if removals.contains(where: { $0.map == .rules }), let config {
            try advanceGeneration(config.settings)
        }
        if var error = failure {
            error.context.append("the new verdicts are in force; compare and repair")
            throw error
        }
        return removed
    }

    /// Waits here, and removes all that was left behind. For those whom nobody waits for.
    public func reclaim() throws(KernelError) {
        guard hasDeferredRemovals else { return }
        let mark = markDeferredRemovals()
        GracePeriod.wait()
        try drainDeferredRemovals(through: mark)
    }
}
