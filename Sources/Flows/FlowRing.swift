/// The latest flows, each under a number that counts from the first one ever.
///
/// Where it is full the oldest flow goes, but not that of a pod that holds less than its share:
/// then the oldest of the pod that holds most. So one pod's flood pushes out no other's flows.
///
/// A flow takes about half a kilobyte: names and labels are shared with others.
public struct FlowRing: Sendable {
    /// Flows in the order of their numbers.
    public struct Page: Sendable {
        public struct Entry: Sendable {
            public var number: UInt64
            public var flow: Flow
        }

        /// What is older is gone.
        public var start: UInt64
        /// The flows from the number asked for on that are there.
        public var entries: [Entry]
        /// The number to go on from.
        public var next: UInt64
    }

    /// Who holds flows: a pod, or a cgroup where no pod is known.
    private struct Holder: Hashable {
        var namespace: String
        var pod: String
        var cgroup: UInt64?

        init(_ flow: Flow) {
            namespace = flow.source.namespace
            pod = flow.source.pod
            cgroup = flow.source.cgroup
        }
    }

    private struct Slot {
        var number: UInt64
        /// Nil once it had to make room.
        var flow: Flow?
    }

    /// How many it holds at most.
    public let capacity: Int
    /// The next flow's number, and so how many there ever were.
    public private(set) var end: UInt64 = 0
    /// In the order of numbers; what is gone is cleared away now and then.
    private var slots: [Slot] = []
    /// Where those begin that are there.
    private var head = 0
    /// How many are there.
    private var count = 0
    private var shares = Shares<Holder>()

    /// - Precondition: `capacity` is at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// The oldest one's number.
    public var start: UInt64 { head < slots.count ? slots[head].number : end }

    public mutating func append(_ flow: Flow) {
        if count == capacity { makeRoom() }
        if slots.count >= 2 * capacity { clear() }
        slots.append(Slot(number: end, flow: flow))
        shares.add(end, of: Holder(flow))
        count += 1
        end += 1
    }

    /// The latest first.
    public var latestFirst: some Sequence<Page.Entry> { slots[head...].reversed().lazy.compactMap(Self.entry) }

    /// At most so many flows, from a number on.
    public func page(from number: UInt64, atMost count: Int) -> Page {
        var page = Page(start: start, entries: [], next: min(max(number, start), end))
        for slot in slots[place(of: number)...] {
            guard page.entries.count < count else { return page }
            if let entry = Self.entry(slot) { page.entries.append(entry) }
            page.next = slot.number + 1
        }
        page.next = max(page.next, end)
        return page
    }

    private static func entry(_ slot: Slot) -> Page.Entry? {
        slot.flow.map { Page.Entry(number: slot.number, flow: $0) }
    }

    private mutating func makeRoom() {
        guard let oldest = slots[head].flow.map(Holder.init) else { return }
        let holder = shares.hasShare(oldest, of: capacity) ? oldest : shares.largest ?? oldest
        guard let number = shares.removeOldest(of: holder) else { return }
        slots[place(of: number)].flow = nil
        count -= 1
        while head < slots.count, slots[head].flow == nil { head += 1 }
    }

    private mutating func clear() {
        slots = slots[head...].filter { $0.flow != nil }
        head = 0
    }

    /// Where the number stands, or the next one that is there.
    private func place(of number: UInt64) -> Int {
        var (low, high) = (head, slots.count)
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
