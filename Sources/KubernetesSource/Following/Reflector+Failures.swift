import KubernetesClient
import PolicyModel

extension Reflector {
    /// - Parameter inStream: whether it came after the watch's answer had begun.
    mutating func failed(_ error: APIError, inStream: Bool) -> [ItemChange] {
        close()
        if case .watching = phase { watchAgain() }
        switch error.code {
        case .status(404): return absent(error)
        case .status(410): expired()
        case .status(401), .status(403): refused(error)
        case .timedOut where inStream:
            // Bookmarks should have come each minute. Whether anybody is there
            // will show when the watch is opened again.
            recordFruitlessWatch("fall silent, even without a bookmark")
            pause = timing.backoff(attempt: 0)
        default:
            report(error)
            if listsAfter(error, inStream: inStream) { startListing() }
            backOff(atLeast: error.retryAfter)
        }
        return []
    }

    /// A watch that breaks twice in the same place, or cannot be understood by
    /// the server, will not get over it.
    private mutating func listsAfter(_ error: APIError, inStream: Bool) -> Bool {
        guard case .watching = phase else {
            // Pages must be of one list: a failed page is asked for again, an
            // answer that made no sense is not.
            return error.code == .invalidAnswer
        }
        if case .status(let code) = error.code, (400..<500).contains(code), code != 408, code != 429 {
            return true
        }
        let breaksInPlace: Bool
        switch error.code {
        case .invalidAnswer, .status: breaksInPlace = inStream
        default: breaksInPlace = false
        }
        guard breaksInPlace else { return false }
        defer { brokenAt = resourceVersion }
        return brokenAt == resourceVersion
    }

    /// The server no longer knows what came after our resourceVersion, or the
    /// rest of the list.
    private mutating func expired() {
        startListing()
        if attempts > 0 { backOff() } else { attempts += 1 }
    }

    /// Soon asked again at first: a token rotates, and where everything is
    /// installed at once the role may come after the agent.
    ///
    /// An API server refuses before it looks whether there is such a resource, so a refusal
    /// alone does not tell whether an optional one is served.
    private mutating func refused(_ error: APIError) {
        report(error)
        problem =
            "the API server refuses access to \(resource.name): \(error); grant the agent's service account \(resource.right)"
        isForbidden = error.code == .status(403)
        if resource.isOptional && isForbidden {
            refusal = error
        } else {
            backOff(atLeast: error.retryAfter)
        }
    }

    /// - Parameter isServed: nil where nobody could say.
    mutating func discovered(_ isServed: Bool?) -> [ItemChange] {
        guard let error = refusal else { return [] }
        refusal = nil
        if isServed == false { return absent(error) }
        absentCandidates = 0
        backOff(atLeast: error.retryAfter)
        return []
    }

    private mutating func report(_ error: APIError) {
        if state == .current { state = .stale }
        problem = "\(error)"
        isForbidden = false
    }

    /// The path is not served: on to the next, and round again.
    private mutating func absent(_ error: APIError) -> [ItemChange] {
        candidate = (candidate + 1) % resource.paths.count
        startListing()
        absentCandidates += 1
        guard absentCandidates >= resource.paths.count else { return [] }
        absentCandidates = 0
        guard resource.isOptional else {
            report(error)
            backOff(atLeast: error.retryAfter)
            return []
        }
        // An API server that starts may not yet serve what it will.
        if !known.isEmpty || state == .current || state == .stale, !hasVanishedOnce {
            hasVanishedOnce = true
            report(error)
            pause = timing.confirmation()
            return []
        }
        return notServed()
    }

    private mutating func notServed() -> [ItemChange] {
        let gone = known
        known = []
        unseen = []
        state = .notServed
        problem = nil
        isForbidden = false
        hasVanishedOnce = false
        pause = timing.slow()
        return gone.map { .remove(ObjectReference(resource.kind, $0)) }
    }
}
