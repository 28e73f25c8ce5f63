/// What came of looking at a cluster's objects.
public struct LintReport: Hashable, Sendable {
    /// Sorted by severity, then by object.
    public var findings: [Finding]
    /// What was looked for.
    public var checks: [Check]
    /// What was asked for and could not be looked for, as no pod is known.
    public var skipped: [Check]
    /// How many objects were looked at.
    public var objects: Int

    /// The findings that are this grave or graver.
    public func findings(atLeast severity: Finding.Severity) -> [Finding] {
        findings.filter { $0.severity <= severity }
    }
}
