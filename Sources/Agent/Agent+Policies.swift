import Glibc

/// To people: the policies, in a file of their own.
extension Agent {
    /// Writes the report of policies if it says something else than the last one.
    ///
    /// - Returns: how long it took.
    @discardableResult
    func savePolicies() async -> Duration {
        // Until the source has told everything, an earlier agent's words are the better ones.
        guard policiesAreStale, isSynced else { return .zero }
        policiesAreStale = false
        let begun = ContinuousClock.now
        let report = PolicyReport(
            node.compiler, diagnostics: sourceDiagnostics, node: configuration.nodeName, at: time(nil))
        guard !report.resembles(reportedPolicies) else { return ContinuousClock.now - begun }
        let directory = configuration.stateDirectory
        do {
            // Not here: a change of policy is not to wait for a file.
            try await Task.detached { try report.write(to: directory) }.value
            reportedPolicies = report
            mended("policy report")
        } catch {
            complain("policy report", "\(directory) cannot be written: \(error)")
            policiesAreStale = true
        }
        return ContinuousClock.now - begun
    }
}
