package import CSluice
public import PolicyModel

/// `fail_slow`: sluice_address_key -> 1.
package enum FailSlowCodec: MapCodec {
    package static let map = DatapathMap.failSlow

    package static func encode(key: Prefix) -> sluice_address_key { AddressCodec.encode(key: key) }
    package static func decode(key raw: sluice_address_key) -> Prefix? { AddressCodec.decode(key: raw) }
    package static func encode(value: UInt32) -> UInt32 { value }
    package static func decode(value raw: UInt32) -> UInt32? { raw }
}

/// Destinations that the connect and sendmsg hooks leave to egress: the map `fail_slow`.
public struct FailSlowDestinations: ~Copyable {
    private let map: BPFMap<FailSlowCodec>

    public init(pins: Pins = Pins()) throws(KernelError) { map = try BPFMap(pins: pins, readOnly: false) }

    /// Makes it these and no others.
    public func set(_ wanted: Set<Prefix>) throws(KernelError) {
        var present: Set<Prefix> = []
        try map.forEach { prefix, _ in present.insert(prefix) }
        for prefix in wanted.subtracting(present) { try map.update(prefix, 1) }
        for prefix in present.subtracting(wanted) { try map.remove(prefix) }
    }
}
