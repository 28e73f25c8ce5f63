package import CSluice

/// A key of `learned_ring` and `heard_ring`: a place for one of a pod's entries.
package struct RingCell: Hashable, Sendable {
    /// The pod's, as in `counters`.
    package var slot: UInt32
    package var index: UInt32

    package init(slot: UInt32, index: UInt32) {
        self.slot = slot
        self.index = index
    }
}

/// What both maps have in common.
package protocol NameRingCodec: MapCodec {}

extension NameRingCodec {
    package static func encode(key: RingCell) -> sluice_cell { sluice_cell(slot: key.slot, index: key.index) }
    package static func decode(key raw: sluice_cell) -> RingCell? { RingCell(slot: raw.slot, index: raw.index) }
    package static func encode(value: LearnedPlace) -> sluice_learned_key { LearnedCodec.encode(key: value) }
    package static func decode(value raw: sluice_learned_key) -> LearnedPlace? { LearnedCodec.decode(key: raw) }
}

/// `learned_ring`: sluice_cell -> sluice_learned_key.
package enum LearnedRingCodec: NameRingCodec {
    package static let map = DatapathMap.allowedRing
}

/// `heard_ring`: the same.
package enum HeardRingCodec: NameRingCodec {
    package static let map = DatapathMap.seenRing
}
