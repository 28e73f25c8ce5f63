public import PolicyCompiler
public import PolicyModel

/// Looks for what is probably not meant in a cluster's objects. A value without I/O.
public struct Linter: Sendable {
    public var objects: [ClusterObject]
    /// What was wrong with them when they were read.
    public var diagnostics: [Diagnostic]
    /// Guards in force, and who is exempt from them.
    public var options: CompilerOptions
    /// Whose answers count for domain names.
    public var resolvers: Resolvers

    public init(
        objects: [ClusterObject], diagnostics: [Diagnostic] = [], options: CompilerOptions = CompilerOptions(),
        resolvers: Resolvers = Resolvers()
    ) {
        self.objects = objects
        self.diagnostics = diagnostics
        self.options = options
        self.resolvers = resolvers
    }

    /// - Parameters:
    ///   - wanted: the checks to run.
    ///   - namespace: if given, findings about objects of other namespaces are left out; all objects are looked at
    ///     all the same.
    public func report(_ wanted: Set<Check> = Set(Check.allCases), namespace: String? = nil) -> LintReport {
        var survey = LintContext(objects, options, resolvers)
        let skipped = survey.inventory.kinds.isEmpty ? wanted.filter(\.needsPods) : []
        let checks = Check.allCases.filter { wanted.contains($0) && !skipped.contains($0) }
        var findings = notUnderstood().filter { checks.contains($0.check) }
        for check in checks { findings += survey.findings(of: check) }
        if let namespace { findings.removeAll { $0.object.map { $0.scope != namespace } ?? false } }
        return LintReport(
            findings: Set(findings).sorted(), checks: checks,
            skipped: Check.allCases.filter(skipped.contains), objects: objects.count)
    }

    /// What the readers of the objects said.
    private func notUnderstood() -> [Finding] {
        diagnostics.map { problem in
            let isHole =
                problem.reference?.kind == .networkPolicy && problem.severity == .error
                && problem.field.contains(".ipBlock.except[")
            let named = problem.reference == nil && !problem.object.isEmpty ? "\(problem.object): " : ""
            return Finding(
                problem.severity == .error ? .error : .warning, isHole ? .exceptOutsideBlock : .notUnderstood,
                problem.reference, origin: problem.origin, field: problem.field, named + problem.message,
                suggestion: problem.severity == .error ? "correct it: until then it fails closed" : "")
        }
    }
}

extension LintContext {
    /// What one check finds, in no order.
    fileprivate mutating func findings(of check: Check) -> [Finding] {
        switch check {
        // Told by whoever read the objects.
        case .notUnderstood, .exceptOutsideBlock: []
        case .egressNotApplied: egressNotApplied()
        case .noDNS: noDNS()
        case .selectsNothing: selectsNothing()
        case .hostNetworkSelected: hostNetworkSelected()
        case .ruleNeverMatches: ruleNeverMatches()
        case .ruleRedundant: ruleRedundant()
        case .nameOpensNothing: nameOpensNothing()
        case .clusterNamePrivate: clusterNamePrivate()
        case .nameFromElsewhere: nameFromElsewhere()
        case .namedPortUnknown: namedPortUnknown()
        case .servicePortInRule: servicePortInRule()
        case .servicePartlyDenied: servicePartlyDenied()
        case .keepsNetRaw: keepsNetRaw()
        case .unenforceable: unenforceable()
        case .meshTimesOut: meshTimesOut()
        case .equalPriority: equalPriority()
        case .auditNamespace: auditNamespace()
        case .labelNotUnderstood: labelNotUnderstood()
        }
    }
}

extension ObjectReference {
    /// The namespace that it is in or is.
    fileprivate var scope: String { kind == .namespace ? name : namespace }
}
