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
    /// The number of the next flow when it was asked.
    private let began: UInt64

    public init(_ request: FlowRequest, in ring: FlowRing) {
        filter = request.filter
        end = request.follow ? nil : ring.end
        began = ring.end
        next = request.start(in: ring)
    }

    public var isAtEnd: Bool { end.map { next >= $0 } ?? false }

    /// - Parameter page: the flows from `next` on.
    public mutating func consume(_ page: FlowRing.Page) -> [Step] {
        var steps: [Step] = []
        pass(to: page.start, missing: next, &steps)
        for (index, entry) in page.entries.enumerated() {
            pass(to: entry.number, missing: began, &steps)
            guard !isAtEnd else { return steps }
            if filter.matches(entry.flow) { steps.append(.flow(entry.number, index: index)) }
            next = entry.number + 1
        }
        pass(to: page.next, missing: began, &steps)
        return steps
    }

    /// Tells of those that went before they could be told of.
    ///
    /// - Parameter first: what is missing before this was not there when it was asked for.
    private mutating func pass(to number: UInt64, missing first: UInt64, _ steps: inout [Step]) {
        let number = min(number, end ?? .max)
        guard number > next else { return }
        let from = max(next, first)
        if number > from { steps.append(.lost(number - from)) }
        next = number
    }
}

extension FlowRequest {
    /// The number of the first flow to be looked at.
    fileprivate func start(in ring: FlowRing) -> UInt64 {
        guard let last else { return follow && filter.since == nil ? ring.end : ring.start }
        var start = ring.end
        var wanted = last
        for entry in ring.latestFirst {
            guard wanted > 0 else { break }
            guard filter.matches(entry.flow) else { continue }
            start = entry.number
            wanted -= 1
        }
        return start
    }
}
