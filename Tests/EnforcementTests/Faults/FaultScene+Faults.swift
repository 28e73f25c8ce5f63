import TestHarness

extension FaultScene {
    /// Makes one fault.
    ///
    /// - Returns: whether it did what its name says.
    func make(_ fault: Fault, _ random: inout SplitMix64) throws -> Bool {
        switch fault {
        case .killed: try killSometime(&random)
        case .killedStarting: try killStarting(&random)
        case .killedChanging: try killChanging(&random)
        case .refusedStarting: try refuseStarting(&random)
        case .refusedChanging: try refuseChanging(&random)
        case .restarted: try restart(&random)
        case .crowd: try crowdIn(&random)
        case .flapping: try flapPolicies(&random)
        case .revoked: try revokePermission()
        case .fullMaps: try fillMaps(&random)
        case .littleMemory: try limitMemory(&random)
        case .detached: try detachLinks(&random)
        case .unpinned: try deletePins(&random)
        case .wallClock: try setWallClock(&random)
        case .otherClock: try useOtherClock(&random)
        case .fullDisk: try fillDisk(&random)
        case .storm: try storm(&random)
        case .otherLayout: try upgradeByLayout(&random)
        case .otherBuild: try upgradeByBuild(&random)
        }
    }

    private func revokePermission() throws -> Bool {
        try probes.revoke()
        return true
    }
}
