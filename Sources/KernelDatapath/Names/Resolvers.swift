package import CSluice
public import PolicyModel

/// `resolvers`: sluice_resolver_key -> 1.
package enum ResolverCodec: MapCodec {
    package static let map = DatapathMap.resolvers

    package static func encode(key: IPAddress) -> sluice_resolver_key {
        var raw = sluice_resolver_key()
        key.store(in: &raw.address)
        return raw
    }

    package static func decode(key raw: sluice_resolver_key) -> IPAddress? { IPAddress(raw.address) }
    package static func encode(value: UInt32) -> UInt32 { value }
    package static func decode(value raw: UInt32) -> UInt32? { raw }
}

/// Whose answers count: the map `resolvers`.
public final class Resolvers: Sendable {
    private let map: BPFMap<ResolverCodec>

    public init(pins: Pins = Pins(), readOnly: Bool = false) throws(KernelError) {
        map = try BPFMap(pins: pins, readOnly: readOnly)
    }

    public func all() throws(KernelError) -> Set<IPAddress> {
        var all: Set<IPAddress> = []
        try map.forEach { address, _ in all.insert(address) }
        return all
    }

    /// Trusts these and nobody else; those that stay are trusted throughout.
    public func set(_ wanted: Set<IPAddress>) throws(KernelError) {
        let present = try all()
        for address in wanted.subtracting(present) { try map.update(address, 1) }
        for address in present.subtracting(wanted) { try map.remove(address) }
    }
}
