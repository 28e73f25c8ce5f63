import CSluice
public import PolicyModel
import Synchronization
import VerdictTables

/// What resolvers told this node's pods: the maps `learned` and `heard`.
public final class LearnedNames: Sendable {
    /// One name of an address.
    public struct Entry: Hashable, Sendable {
        public var place: LearnedPlace
        public var name: LearnedName
        /// Whether a rule of the pod's spoke of the name when it was heard.
        public var isCovered: Bool
    }

    private let learned: BPFMap<LearnedCodec>
    private let heard: BPFMap<HeardCodec>
    private let learnedRing: BPFMap<LearnedRingCodec>
    private let heardRing: BPFMap<HeardRingCodec>
    /// Cells that were taken for a pod, by its slot.
    private let taken = Mutex<[UInt32: UInt32]>([:])

    public init(pins: Pins = Pins(), readOnly: Bool = true) throws(KernelError) {
        learned = try BPFMap(pins: pins, readOnly: readOnly)
        heard = try BPFMap(pins: pins, readOnly: readOnly)
        learnedRing = try BPFMap(pins: pins, readOnly: readOnly)
        heardRing = try BPFMap(pins: pins, readOnly: readOnly)
    }

    /// The names of an address in a pod's eyes, the latest first; those too whose time is over.
    public func names(of address: IPAddress, in namespace: NetworkNamespaceID) throws(KernelError) -> [LearnedName] {
        var names: [LearnedName] = []
        for index in 0..<UInt32(SLUICE_NAMES_PER_ADDRESS) {
            if let name = try learned.lookup(LearnedPlace(namespace, address, index: index)) { names.append(name) }
        }
        if let name = try heard.lookup(LearnedPlace(namespace, address, index: 0)) { names.append(name) }
        return names.sorted { $0.heard > $1.heard }
    }

    /// Whether nobody was told of anything that a rule covers.
    public func isEmpty() throws(KernelError) -> Bool { try learned.isEmpty() }

    /// All that is remembered, the latest first.
    public func all() throws(KernelError) -> [Entry] {
        var all: [Entry] = []
        try learned.forEach { all.append(Entry(place: $0, name: $1, isCovered: true)) }
        try heard.forEach { all.append(Entry(place: $0, name: $1, isCovered: false)) }
        return all.sorted { $0.name.heard > $1.name.heard }
    }

    /// How many names are remembered by which rules let pass.
    public func fillLevel() throws(KernelError) -> FillLevel {
        FillLevel(used: try learned.countKeys(), capacity: learned.info.capacity)
    }

    /// Notes a name beside others of the same address, as record_address in bpf/src/dns_answer.h does.
    ///
    /// - Parameters:
    ///   - slot: the pod's, as in `counters`.
    ///   - covered: whether a rule of the pod's speaks of it.
    public func record(
        _ name: LearnedName, of address: IPAddress, in namespace: NetworkNamespaceID, slot: UInt32, covered: Bool
    ) throws(KernelError) {
        guard covered else {
            if name.isAlias { return }
            let place = LearnedPlace(namespace, address, index: 0)
            return try put(name, at: place, slot: slot, in: heard, heardRing, behind: UInt32(SLUICE_HEARD_SHARE))
        }
        var place = LearnedPlace(namespace, address, index: 0)
        var soonest = UInt64.max
        for index in 0..<UInt32(SLUICE_NAMES_PER_ADDRESS) {
            let candidate = LearnedPlace(namespace, address, index: index)
            let known = try learned.lookup(candidate)
            if let known, known.name == name.name {
                var renewed = name
                renewed.expires = max(known.expires, name.expires)
                renewed.pod = known.pod
                renewed.used = known.used
                return try learned.update(candidate, renewed)
            }
            let last = known.map { max($0.expires, $0.used) } ?? 0
            if last < soonest {
                soonest = last
                place = candidate
            }
        }
        try put(name, at: place, slot: slot, in: learned, learnedRing, behind: UInt32(SLUICE_LEARNED_SHARE))
    }

    /// Puts a new entry in the place of the oldest that was noted for the pod, as `put` in
    /// bpf/src/dns_answer.h does; in cells of its own, as it does not share the programs' counter.
    ///
    /// - Parameter share: what the programs have in the pod's ring.
    private func put<Names: NamedAddressCodec, Ring: NameRingCodec>(
        _ name: LearnedName, at place: LearnedPlace, slot: UInt32, in names: borrowing BPFMap<Names>,
        _ ring: borrowing BPFMap<Ring>, behind share: UInt32
    ) throws(KernelError)
    where
        Names.Key == LearnedPlace, Names.Value == LearnedName, Ring.Key == RingCell, Ring.Value == LearnedPlace
    {
        if try names.lookup(place) == nil {
            let number = taken.withLock { taken in
                defer { taken[slot, default: 0] &+= 1 }
                return taken[slot, default: 0]
            }
            let cell = RingCell(slot: slot, index: share + number % UInt32(SLUICE_AGENT_SHARE))
            if let oldest = try ring.lookup(cell) { try names.remove(oldest) }
            try ring.update(cell, place)
        }
        try names.update(place, name)
    }
}
