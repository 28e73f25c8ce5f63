/// The latest flows, each under a number that counts from the first one ever.
///
/// A flow takes about half a kilobyte: names and labels are shared with others.
public struct FlowRing: Sendable {
    /// Consecutive flows.
    public struct Page: Sendable {
        /// The first one's number; more than was asked for if older ones are gone.
        public var first: UInt64
        public var flows: [Flow]

        public init(first: UInt64, flows: [Flow]) {
            self.first = first
            self.flows = flows
        }
    }

    /// How many it holds at most.
    public let capacity: Int
    /// The next flow's number, and so how many there ever were.
    public private(set) var end: UInt64 = 0
    private var flows: [Flow] = []

    /// - Precondition: `capacity` is at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// The oldest one's number.
    public var start: UInt64 { end - UInt64(flows.count) }

    public mutating func append(_ flow: Flow) {
        if flows.count < capacity {
            flows.append(flow)
        } else {
            flows[Int(end % UInt64(capacity))] = flow
        }
        end += 1
    }

    /// - Precondition: the number is within `start..<end`.
    public subscript(number: UInt64) -> Flow { flows[Int(number % UInt64(capacity))] }

    /// At most so many flows, from a number on.
    public func page(from number: UInt64, atMost count: Int) -> Page {
        let first = min(max(number, start), end)
        let past = min(end, first + UInt64(count))
        return Page(first: first, flows: (first..<past).map { self[$0] })
    }
}
