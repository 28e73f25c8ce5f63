import PolicyModel

/// What was learnt and not yet taken. Of several changes to one object only the
/// last is kept, in the place of the first, so that it never holds more than
/// one change for each object.
struct DeltaQueue {
    var feeds: [SourceCondition.Feed]
    private let resources: [Resource]
    private var changes: [ClusterChange] = []
    private var places: [ObjectReference: Int] = [:]
    private var provenances: [ObjectReference: Provenance] = [:]
    private var diagnostics: [ObjectReference: [Diagnostic]] = [:]
    /// About objects without a name, by feed.
    private var unnamed: [[Diagnostic]]
    /// `diagnostics` and `unnamed` in order; nil if they changed since.
    private var sorted: [Diagnostic]? = []
    /// Whether every resource that a cluster cannot do without has been listed.
    private var hasRequired = false
    private var hasUpdates = false

    init(_ resources: [Resource]) {
        self.resources = resources
        feeds = resources.map { SourceCondition.Feed(name: $0.name, state: .waiting) }
        unnamed = resources.map { _ in [] }
    }

    mutating func add(_ items: [ItemChange], feed: Int) {
        for item in items {
            switch item {
            case .set(let reference, let object, let problems, let provenance):
                change(reference, .set(object))
                provenances[reference] = provenance
                record(reference, problems)
            case .remove(let reference):
                change(reference, .remove(reference))
                record(reference, [])
            case .keep(let reference, let problems): record(reference, problems)
            case .unnamed(let problems):
                unnamed[feed] += problems
                problemsChanged()
            }
        }
    }

    mutating func forgetUnnamed(_ feed: Int) {
        guard !unnamed[feed].isEmpty else { return }
        unnamed[feed] = []
        problemsChanged()
    }

    mutating func setState(_ feed: Int, _ state: SourceCondition.Feed.State, _ problem: String?) {
        // Others may wait to hear just that nothing is to come.
        if feeds[feed].state == .waiting && state != .waiting { hasUpdates = true }
        feeds[feed].state = state
        feeds[feed].problem = problem
    }

    /// - Returns: Nil if there is nothing new, or not yet all that is required.
    mutating func drain() -> ClusterBatch? {
        let isFirst = !hasRequired
        if isFirst { hasRequired = zip(resources, feeds).allSatisfy { $0.isOptional || $1.state != .waiting } }
        guard hasRequired, isFirst || hasUpdates else { return nil }
        hasUpdates = false
        defer {
            changes = []
            places = [:]
            provenances = [:]
        }
        return ClusterBatch(
            changes: changes, diagnostics: currentDiagnostics(), provenances: provenances,
            awaited: zip(resources, feeds).filter { $0.narrowsPolicy && $1.state == .waiting }.map(\.1.name))
    }

    private mutating func change(_ reference: ObjectReference, _ change: ClusterChange) {
        hasUpdates = true
        if let place = places[reference] {
            changes[place] = change
        } else {
            places[reference] = changes.count
            changes.append(change)
        }
    }

    private mutating func record(_ reference: ObjectReference, _ problems: [Diagnostic]) {
        guard diagnostics[reference] ?? [] != problems else { return }
        diagnostics[reference] = problems.isEmpty ? nil : problems
        problemsChanged()
    }

    private mutating func problemsChanged() {
        sorted = nil
        hasUpdates = true
    }

    private mutating func currentDiagnostics() -> [Diagnostic] {
        if let sorted { return sorted }
        let all = unnamed.flatMap(\.self) + diagnostics.sorted { $0.key < $1.key }.flatMap(\.value)
        sorted = all
        return all
    }
}
