/// How far one client has been answered. A value without I/O: it is given pages
/// of the ring and says what is to be sent.
public struct FlowCursor: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        /// The flow of this number, by its place in the page.
        case flow(UInt64, index: Int)
        case lost(UInt64)
    }

    private let filter: FlowFilter
    /// The number of the flow to be looked at next.
    public private(set) var next: UInt64
    /// The number at which the answer ends; nil if flows are followed.
    private let end: UInt64?

    public init(_ request: FlowRequest, in ring: FlowRing) {
        filter = request.filter
        end = request.follow ? nil : ring.end
        next = request.start(in: ring)
    }

    public var isAtEnd: Bool { end.map { next >= $0 } ?? false }

    /// - Parameter page: the flows from `next` on.
    public mutating func take(_ page: FlowRing.Page) -> [Step] {
        var steps: [Step] = []
        if page.first > next {
            steps.append(.lost(min(page.first, end ?? .max) - next))
            next = page.first
        }
        for (index, flow) in page.flows.enumerated() where !isAtEnd {
            if filter.matches(flow) { steps.append(.flow(next, index: index)) }
            next += 1
        }
        return steps
    }
}

extension FlowRequest {
    /// The number of the first flow to be looked at.
    fileprivate func start(in ring: FlowRing) -> UInt64 {
        guard let last else { return follow && filter.since == nil ? ring.end : ring.start }
        var start = ring.end
        var wanted = last
        var number = ring.end
        while wanted > 0, number > ring.start {
            number -= 1
            guard filter.matches(ring[number]) else { continue }
            start = number
            wanted -= 1
        }
        return start
    }
}
