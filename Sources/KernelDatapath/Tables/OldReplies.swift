import VerdictTables

/// Removes tuples that nobody can reply to any more: the programs make room for new ones only
/// within a pod's own share.
public struct OldReplies: ~Copyable, Sendable {
    private let replies: BPFMap<ReplyCodec>
    private let ring: BPFMap<ReplyCellCodec>
    private let pods: BPFMap<PodCodec>
    private let config: BPFMap<ConfigCodec>

    public init(pins: Pins) throws(KernelError) {
        let replies = try BPFMap<ReplyCodec>(pins: pins, readOnly: false)
        let ring = try BPFMap<ReplyCellCodec>(pins: pins, readOnly: false)
        let pods = try BPFMap<PodCodec>(pins: pins, readOnly: true)
        let config = try BPFMap<ConfigCodec>(pins: pins, readOnly: true)
        self.replies = replies
        self.ring = ring
        self.pods = pods
        self.config = config
    }

    /// Removes what is out of date at `now`, by the programs' clock, and what pods that are gone
    /// have left.
    ///
    /// - Returns: how many tuples.
    @discardableResult
    public func remove(at now: UInt64) throws(KernelError) -> Int {
        guard let window = try config.lookup(0)?.settings.replyWindow else { return 0 }
        var known: Set<CgroupID> = []
        try pods.forEach { pod, _ in known.insert(pod) }
        var old: [ReplyTuple] = []
        try replies.forEach { tuple, mark in
            if !known.contains(tuple.pod) || Self.isOld(mark, at: now, window) { old.append(tuple) }
        }
        for tuple in old {
            // It may have begun again.
            guard let mark = try replies.lookup(tuple),
                !known.contains(tuple.pod) || Self.isOld(mark, at: now, window)
            else { continue }
            try replies.remove(tuple)
        }
        try removeEmptyCells()
        return old.count
    }

    private static func isOld(_ mark: ReplyMark, at now: UInt64, _ window: UInt64) -> Bool {
        now > mark.seen && now - mark.seen >= window
    }

    private func removeEmptyCells() throws(KernelError) {
        var cells: [(cell: ReplyCell, tuple: ReplyTuple)] = []
        try ring.forEach { cells.append(($0, $1)) }
        for (cell, tuple) in cells where try replies.lookup(tuple).map({ UInt32($0.cell) }) != cell.index {
            // The programs may have put another tuple there.
            if try ring.lookup(cell) == tuple { try ring.remove(cell) }
        }
    }
}
