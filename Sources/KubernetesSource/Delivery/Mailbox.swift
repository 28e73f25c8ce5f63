import PolicyModel
import Synchronization

/// Where the followers put what they learn, until the consumer takes it.
final class Mailbox: Sendable {
    private let contents: Mutex<DeltaQueue>
    private let updates: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation

    init(_ resources: [Resource]) {
        contents = Mutex(DeltaQueue(resources))
        (updates, announce) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// - Parameters:
    ///   - feed: the resource's place.
    ///   - forgettingUnnamed: whether a new list begins with these changes.
    func put(
        _ changes: [ItemChange], feed: Int, reflector: Reflector, contact: Int?, forgettingUnnamed: Bool
    ) {
        contents.withLock { contents in
            if forgettingUnnamed { contents.forgetUnnamed(feed) }
            contents.add(changes, feed: feed)
            contents.setState(feed, reflector.state, reflector.problem)
            contents.feeds[feed].missingRight = reflector.isForbidden ? reflector.resource.right : nil
            contents.feeds[feed].objects = reflector.known.count
            if let contact { contents.feeds[feed].lastContact = contact }
        }
        announce.yield()
    }

    /// Waits for the next batch; nil after `finish` or if the task is cancelled.
    func next() async -> ClusterBatch? {
        while true {
            if let batch = contents.withLock({ $0.drain() }) { return batch }
            guard await updates.first(where: { _ in true }) != nil else { return nil }
        }
    }

    func finish() { announce.finish() }

    var feeds: [SourceCondition.Feed] { contents.withLock { $0.feeds } }
}
