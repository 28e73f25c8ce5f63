import CSluice
public import PolicyModel
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

    public init(pins: Pins = Pins(), readOnly: Bool = true) throws(KernelError) {
        learned = try BPFMap(pins: pins, readOnly: readOnly)
        heard = try BPFMap(pins: pins, readOnly: readOnly)
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

    /// Notes a name beside others of the same address, as note_address in bpf/src/answers.h does.
    ///
    /// - Parameter covered: whether a rule of the pod's speaks of it.
    public func note(
        _ name: LearnedName, of address: IPAddress, in namespace: NetworkNamespaceID, covered: Bool
    ) throws(KernelError) {
        guard covered else {
            return try heard.update(LearnedPlace(namespace, address, index: 0), name)
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
                return try learned.update(candidate, renewed)
            }
            if known?.expires ?? 0 < soonest {
                soonest = known?.expires ?? 0
                place = candidate
            }
        }
        try learned.update(place, name)
    }
}
