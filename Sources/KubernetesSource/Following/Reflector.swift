package import KubernetesClient
package import KubernetesObjects
package import PolicyModel

/// Follows one resource: lists it, then watches it from there. A value without
/// I/O and clock; it is told what happened and says what to do next.
///
/// Lists ask for no resourceVersion, which means the newest state (a consistent
/// read): it cannot go back behind what a watch has told, and the server keeps
/// to `limit`. After a list, what it does not hold is removed; nothing else is.
package struct Reflector: Sendable {
    package enum Step: Hashable, Sendable {
        case list(path: String, continueToken: String)
        case watch(path: String, resourceVersion: String, timeoutSeconds: Int)
        case wait(Duration)
        /// Asks whether the path's API version is served at all.
        case discover(path: String)
    }

    package enum Event: Hashable, Sendable {
        case page(ListPage, [APIObject])
        /// The watch's answer began.
        case opened
        case line(WatchEvent)
        /// A line that is no watch event, or the beginning of one.
        case brokenLine(String)
        /// The watch's answer ended as it should.
        case ended(after: Duration)
        /// A list failed, or a watch, be it in the middle: so long after it was asked for.
        case failed(APIError, after: Duration = .zero)
        case waited
        /// What came of the question: nil where there was no answer to tell from.
        case discovered(isServed: Bool?)
    }

    enum Phase: Hashable, Sendable {
        case listing(continueToken: String)
        case watching(seconds: Int)
    }

    /// A watch that was open for so long was no failed attempt, though nothing may have changed.
    private static let lasting = Duration.seconds(5)

    /// So many watches in a row that told nothing and ended before their time are no watches.
    private static let patience = 3

    let resource: Resource
    var timing: ReflectorTiming
    var phase = Phase.listing(continueToken: "")
    var pause: Duration?
    /// Of `resource.paths`, the one that is used.
    var candidate = 0
    /// How many candidates in a row are not there.
    var absentCandidates = 0
    /// Whether all candidates of a resource that was there have been seen absent.
    var hasVanishedOnce = false
    /// Failures since the watch last made progress.
    var attempts = 0
    var resourceVersion = ""
    /// Where a watch broke, if it has made no progress since.
    var brokenAt: String?
    /// Watches in a row that ended at once or fell silent, and told nothing.
    var fruitlessWatches = 0
    /// What was refused, while it is not known whether it is served at all.
    var refusal: APIError?
    /// Objects that were set and not removed.
    package internal(set) var known: Set<NamespacedName> = []
    /// While listing: what the list has not yet named.
    var unseen: Set<NamespacedName> = []

    /// Whether a watch is being read.
    package private(set) var isOpen = false
    package internal(set) var state = SourceCondition.Feed.State.waiting
    /// What stands in the way; nil if nothing does.
    package internal(set) var problem: String?
    /// Whether that is a right that is missing.
    package internal(set) var isForbidden = false

    package init(_ resource: Resource, random: any RandomNumberGenerator & Sendable) {
        self.resource = resource
        timing = ReflectorTiming(random: random)
    }

    /// What to do now.
    package var step: Step {
        if let pause { return .wait(pause) }
        let path = resource.paths[candidate]
        if refusal != nil { return .discover(path: Resource.discoveryPath(of: path)) }
        return switch phase {
        case .listing(let token): .list(path: path, continueToken: token)
        case .watching(let seconds):
            .watch(path: path, resourceVersion: resourceVersion, timeoutSeconds: seconds)
        }
    }

    /// Takes in what happened.
    ///
    /// - Returns: What that means for the objects, in order.
    package mutating func handle(_ event: Event) -> [ItemChange] {
        switch event {
        case .waited:
            pause = nil
            return []
        case .discovered(let isServed): return discovered(isServed)
        case .page(let page, let objects): return listed(page, objects)
        case .opened:
            isOpen = true
            isReached()
            return []
        case .line(.error(let status)):
            return failed(APIError(status), inStream: true)
        case .line(let event): return watched(event)
        case .brokenLine(let message):
            return failed(APIError(.invalidAnswer, message: message), inStream: true)
        case .ended(let duration):
            ended(after: duration)
            return []
        case .failed(let error, let duration):
            if isOpen && duration >= Self.lasting { attempts = 0 }
            return failed(error, inStream: isOpen)
        }
    }

    mutating func startListing() {
        phase = .listing(continueToken: "")
        unseen = known
        brokenAt = nil
    }

    mutating func watchAgain() {
        phase = .watching(seconds: timing.watchSeconds())
    }

    /// The server answers again.
    private mutating func isReached() {
        state = .current
        problem = nil
        isForbidden = false
        absentCandidates = 0
        hasVanishedOnce = false
    }

    private mutating func madeProgress(to version: String) {
        resourceVersion = version
        attempts = 0
        brokenAt = nil
        fruitlessWatches = 0
    }

    private mutating func listed(_ page: ListPage, _ objects: [APIObject]) -> [ItemChange] {
        guard case .listing(let token) = phase else { return [] }
        if !page.continueToken.isEmpty && page.continueToken == token {
            return failed(
                APIError(.invalidAnswer, message: "the list's pages repeat themselves"), inStream: false)
        }
        var changes = objects.compactMap { change(to: $0) }
        absentCandidates = 0
        hasVanishedOnce = false
        guard page.continueToken.isEmpty else {
            phase = .listing(continueToken: page.continueToken)
            return changes
        }
        changes += unseen.map { .remove(ObjectReference(resource.kind, $0)) }
        known.subtract(unseen)
        unseen = []
        resourceVersion = page.resourceVersion
        isReached()
        watchAgain()
        return changes
    }

    private mutating func watched(_ event: WatchEvent) -> [ItemChange] {
        switch event {
        case .changed(let object):
            // Without a name nothing says which object is now out of date.
            guard object.reference != nil else {
                return failed(
                    APIError(.invalidAnswer, message: "an event about an object without a name"),
                    inStream: true)
            }
            madeProgress(to: object.resourceVersion)
            return change(to: object).map { [$0] } ?? []
        case .deleted(let reference, let version):
            madeProgress(to: version)
            return known.remove(reference.key) == nil ? [] : [.remove(reference)]
        case .bookmark(let version):
            madeProgress(to: version)
            return []
        case .error: return []
        }
    }

    private mutating func change(to object: APIObject) -> ItemChange? {
        guard let reference = object.reference else { return .unnamed(object.diagnostics) }
        unseen.remove(reference.key)
        if let known = object.object {
            self.known.insert(reference.key)
            return .set(reference, known, object.diagnostics, object.provenance)
        }
        if object.isUnreadable { return .keep(reference, object.diagnostics) }
        return known.remove(reference.key) == nil ? nil : .remove(reference)
    }

    /// A server ends a watch after `timeoutSeconds`; what ends at once, each
    /// time, must not be asked for without pause.
    private mutating func ended(after duration: Duration) {
        isOpen = false
        watchAgain()
        if duration >= .seconds(1) {
            attempts = 0
            fruitlessWatches = 0
        } else {
            recordFruitlessWatch("end at once without an event")
            backOff()
        }
    }

    /// A watch told nothing before it was over. What happens meanwhile would never be
    /// heard of, so after some in a row a list must tell.
    mutating func recordFruitlessWatch(_ manner: String) {
        fruitlessWatches += 1
        guard fruitlessWatches >= Self.patience else { return }
        fruitlessWatches = 0
        if state == .current { state = .stale }
        problem = "\(Self.patience) watches in a row \(manner); they are listed again"
        startListing()
    }

    mutating func backOff(atLeast floor: Duration? = nil) {
        pause = timing.backoff(attempt: attempts, atLeast: floor)
        attempts += 1
    }

    mutating func close() { isOpen = false }
}

extension APIError {
    init(_ status: WatchEvent.Status) {
        self.init(
            .status(status.code), reason: status.reason,
            message: status.message.isEmpty ? "the watch ended with status \(status.code)" : status.message,
            retryAfter: status.retryAfter.map { .seconds($0) })
    }
}
