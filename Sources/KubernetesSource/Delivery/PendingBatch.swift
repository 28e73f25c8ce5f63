import PolicyModel

/// What was learnt and not yet taken. Of several changes to one object only the
/// last is kept, in the place of the first, so that it never holds more than
/// one change for each object.
struct PendingBatch {
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
    private var isComplete = false
    private var hasNews = false

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
                note(reference, problems)
            case .remove(let reference):
                change(reference, .remove(reference))
                note(reference, [])
            case .keep(let reference, let problems): note(reference, problems)
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

    /// - Returns: Nil if there is nothing new, or not yet everything.
    mutating func take() -> ClusterBatch? {
        let isFirst = !isComplete
        if isFirst { isComplete = zip(resources, feeds).allSatisfy(isAnswered) }
        guard isComplete, isFirst || hasNews else { return nil }
        hasNews = false
        defer {
            changes = []
            places = [:]
            provenances = [:]
        }
        return ClusterBatch(
            changes: changes, diagnostics: currentDiagnostics(), provenances: provenances)
    }

    /// A cluster may do without an optional resource, so one that cannot be had
    /// holds up nobody.
    private func isAnswered(_ resource: Resource, _ feed: SourceCondition.Feed) -> Bool {
        feed.state != .waiting || resource.isOptional && feed.problem != nil
    }

    private mutating func change(_ reference: ObjectReference, _ change: ClusterChange) {
        hasNews = true
        if let place = places[reference] {
            changes[place] = change
        } else {
            places[reference] = changes.count
            changes.append(change)
        }
    }

    private mutating func note(_ reference: ObjectReference, _ problems: [Diagnostic]) {
        guard diagnostics[reference] ?? [] != problems else { return }
        diagnostics[reference] = problems.isEmpty ? nil : problems
        problemsChanged()
    }

    private mutating func problemsChanged() {
        sorted = nil
        hasNews = true
    }

    private mutating func currentDiagnostics() -> [Diagnostic] {
        if let sorted { return sorted }
        let all = unnamed.flatMap(\.self) + diagnostics.sorted { $0.key < $1.key }.flatMap(\.value)
        sorted = all
        return all
    }
}
