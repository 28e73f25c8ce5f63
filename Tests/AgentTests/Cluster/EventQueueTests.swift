import Agent
import KubernetesClient
import PolicyModel
import Testing

@Suite struct EventQueueTests {
    func write(
        _ number: UInt64, count: Int = 1, isNew: Bool = true, namespace: String = "shop"
    ) -> EventWrite {
        EventWrite(
            ClusterEvent(
                about: .pod(NamespacedName(namespace, "web"), uid: "u"), identity: number, .warning, reason: "r",
                message: "m", count: count, first: 0, last: 0, node: "n"), isNew: isNew)
    }

    @Test("news of an Event that waits replaces it, and it is still to be made")
    func replacing() {
        var queue = EventQueue(limit: 10)
        queue.add(write(1))
        queue.add(write(2))
        queue.add(write(1, count: 5, isNew: false))
        #expect(queue.next() == write(1, count: 5) && queue.next() == write(2) && queue.next() == nil)
    }

    @Test("above the limit the oldest leaves and is counted")
    func limit() {
        var queue = EventQueue(limit: 3)
        for number in 1...5 { queue.add(write(UInt64(number))) }
        #expect(queue.count == 3 && queue.dropped == 2 && queue.next() == write(3))
        queue.add(write(6))
        queue.putBack(write(3))
        #expect(queue.count == 3 && queue.dropped == 3, "what is put back is the oldest")
    }

    @Test("C6: namespaces take turns, and the one with most loses its own")
    func turns() {
        var queue = EventQueue(limit: 5)
        queue.add(write(1, namespace: "bank"))
        for number in 2...9 as ClosedRange<UInt64> { queue.add(write(number)) }
        queue.add(write(10, namespace: "bank"))
        #expect(queue.count == 5 && queue.dropped == 5)
        #expect(queue.next() == write(1, namespace: "bank") && queue.next() == write(7))
        #expect(queue.next() == write(10, namespace: "bank") && queue.next() == write(8))
        #expect(queue.next() == write(9) && queue.next() == nil)
    }

    @Test("what is put back comes first, and gives way to newer news of itself")
    func puttingBack() {
        var queue = EventQueue(limit: 10)
        queue.add(write(1))
        queue.add(write(2))
        let first = queue.next()!
        queue.putBack(first)
        #expect(queue.next() == write(1))
        queue.add(write(1, count: 9, isNew: false))
        queue.putBack(first)
        #expect(queue.next() == write(2) && queue.next() == write(1, count: 9))
    }

    @Test(
        "what follows from an answer",
        arguments: [
            (APIError.Code.status(409), true, EventOutcome.done), (.status(409), false, .again(after: nil)),
            (.status(404), true, .drop), (.status(404), false, .make), (.status(403), true, .forbidden("m")),
            (.status(429), true, .again(after: nil)), (.status(503), false, .again(after: nil)),
            (.status(401), true, .again(after: nil)), (.status(422), true, .drop), (.status(400), false, .drop),
            (.unreachable, true, .again(after: nil)), (.cut, true, .again(after: nil)),
            (.timedOut, false, .again(after: nil)), (.credentials, true, .again(after: nil)),
        ])
    func outcomes(_ code: APIError.Code, _ isNew: Bool, _ outcome: EventOutcome) {
        #expect(EventOutcome(APIError(code, message: "m"), isNew: isNew) == outcome)
    }

    @Test("a namespace that is being deleted is no missing permission")
    func terminating() {
        let message =
            "events \"a\" is forbidden: unable to create new content in namespace x because it is being terminated"
        #expect(EventOutcome(APIError(.status(403), message: message), isNew: true) == .drop)
        let busy = APIError(.status(429), message: "", retryAfter: .seconds(7))
        #expect(EventOutcome(busy, isNew: true) == .again(after: .seconds(7)))
    }
}
