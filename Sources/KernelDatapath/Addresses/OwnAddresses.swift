package import CSluice
public import PolicyModel
public import VerdictTables

/// `own_addresses`: sluice_own_key -> 1.
package enum OwnAddressCodec: MapCodec {
    package struct Key: Hashable, Sendable {
        package var pod: CgroupID
        package var address: IPAddress

        package init(pod: CgroupID, address: IPAddress) {
            self.pod = pod
            self.address = address
        }
    }

    package static let map = DatapathMap.ownAddresses

    package static func encode(key: Key) -> sluice_own_key {
        var raw = sluice_own_key()
        raw.pod = key.pod.rawValue
        key.address.store(in: &raw.address)
        return raw
    }

    package static func decode(key raw: sluice_own_key) -> Key? {
        Key(pod: CgroupID(rawValue: raw.pod), address: IPAddress(raw.address))
    }

    package static func encode(value: UInt32) -> UInt32 { value }
    package static func decode(value raw: UInt32) -> UInt32? { raw }
}

/// The addresses of pods' network namespaces that `pods` has no room for: the map `own_addresses`. A packet may
/// leave with one of these as its source.
public struct OwnAddresses: ~Copyable {
    private let map: BPFMap<OwnAddressCodec>
    /// As in the map.
    private var known: [CgroupID: Set<IPAddress>]

    /// Takes over what an earlier agent has written.
    public init(pins: Pins = Pins()) throws(KernelError) {
        let map = try BPFMap<OwnAddressCodec>(pins: pins, readOnly: false)
        var known: [CgroupID: Set<IPAddress>] = [:]
        try map.forEach { key, _ in known[key.pod, default: []].insert(key.address) }
        // Together, as a half-made value could not be given back.
        self.map = map
        self.known = known
    }

    /// Makes these the pod's, and no others. Those that stay are its own throughout.
    public mutating func set(_ wanted: Set<IPAddress>, of pod: CgroupID) throws(KernelError) {
        let present = known[pod, default: []]
        for address in wanted.subtracting(present) {
            try map.update(OwnAddressCodec.Key(pod: pod, address: address), 1)
            known[pod, default: []].insert(address)
        }
        for address in present.subtracting(wanted) {
            try map.remove(OwnAddressCodec.Key(pod: pod, address: address))
            known[pod]?.remove(address)
        }
        if wanted.isEmpty { known[pod] = nil }
    }

    /// Forgets all other pods.
    public mutating func keep(_ pods: Set<CgroupID>) throws(KernelError) {
        for pod in known.keys where !pods.contains(pod) { try set([], of: pod) }
    }
}
