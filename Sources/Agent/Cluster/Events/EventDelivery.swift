/// How the writing of Events goes on after each answer.
struct EventDelivery: Sendable {
    /// What becomes of the Event, and of the writer.
    struct Step: Hashable, Sendable {
        enum Fate: Hashable, Sendable {
            case done, drop, again
            /// To be made, though it was there once.
            case make
        }

        struct News: Hashable, Sendable {
            /// Nil: all is well again.
            var message: String?
        }

        var fate: Fate
        /// Before anything else is written.
        var wait: Duration?
        var news: News?

        func complete(_ write: EventWrite, in queue: inout EventQueue) {
            switch fate {
            case .done: break
            case .drop: queue.drop()
            case .again: queue.putBack(write)
            case .make: queue.putBack(EventWrite(write.event, isNew: true))
            }
        }
    }

    private let rhythm: EventReporter.Intervals
    private var backoff: Backoff
    private var attempts = 0
    private var isForbidden = false

    init(_ rhythm: EventReporter.Intervals) {
        self.rhythm = rhythm
        backoff = Backoff(first: rhythm.firstRetry, longest: rhythm.longestRetry)
    }

    mutating func step(after outcome: EventOutcome) -> Step {
        if case .again(let wanted) = outcome {
            attempts += 1
            let isLast = attempts >= rhythm.attempts
            if isLast { attempts = 0 }
            return Step(fate: isLast ? .drop : .again, wait: backoff.next(atLeast: wanted))
        }
        attempts = 0
        backoff.reset()
        switch outcome {
        case .forbidden(let message):
            defer { isForbidden = true }
            return Step(
                fate: .drop, wait: rhythm.forbidden,
                news: isForbidden ? nil : Step.News(message: advice(message)))
        case .done:
            defer { isForbidden = false }
            return Step(fate: .done, news: isForbidden ? Step.News(message: nil) : nil)
        case .make: return Step(fate: .make)
        case .drop, .again: return Step(fate: .drop)
        }
    }

    private func advice(_ message: String) -> String {
        """
        no Kubernetes Events are written: grant the agent's service account the verbs create and patch on \
        events, or set events: false; \(message)
        """
    }
}
