import VerdictTables

extension TableDriver {
    /// No program runs that long: what ran on things that were put anew is done.
    private static let settlingTime: UInt64 = 1_000_000_000

    private var isSettled: Bool { KernelClock.now() - lastPut > Self.settlingTime }

    /// Removes what nothing points to any more, as far as it can.
    ///
    /// Programs look up a pod, an address or a name, a rule and a port, in this order. One
    /// that found the first three must still find the fourth, so rules and ports
    /// go only when nobody runs who could have found what led to them.
    ///
    /// - Returns: the first failure.
    func remove(_ removals: [TableWrite], _ applied: inout Applied) -> KernelError? {
        var failure: KernelError?
        var last: DatapathMap?
        var hasWaited = isSettled
        for write in removals {
            let map = write.map
            // Nothing is looked up before a pod that could lead to it.
            if (map != .pods && !hasWaited) || (last != map && (map == .rules || map == .ports)) {
                GracePeriod.wait()
                hasWaited = true
            }
            last = map
            do {
                try perform(write)
                applied.removals += 1
                if case .removePod(let pod) = write { tellOfDeparture(pod) }
            } catch {
                failure = failure ?? error
            }
        }
        if var error = failure {
            error.context.append("the new verdicts are in force; compare and repair")
            return error
        }
        return nil
    }

    private func tellOfDeparture(_ pod: CgroupID) {
        if let onDeparture, let slot = slots[pod], let perCPU = try? maps.counters.lookup(slot) {
            onDeparture(pod, FlowCounters(summing: perCPU))
        }
        slots.release(pod)
    }
}
