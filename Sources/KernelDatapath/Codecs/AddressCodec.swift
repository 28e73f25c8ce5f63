package import CSluice
package import PolicyModel
package import VerdictTables

/// `addresses`: sluice_address_key -> sluice_address.
package enum AddressCodec: MapCodec {
    package static let map = DatapathMap.addresses

    package static func encode(key: Prefix) -> sluice_address_key {
        var raw = sluice_address_key()
        raw.prefixlen = UInt32(key.length)
        key.address.store(in: &raw.address)
        return raw
    }

    package static func decode(key raw: sluice_address_key) -> Prefix? {
        guard raw.prefixlen <= 128 else { return nil }
        let address = IPAddress(raw.address)
        let prefix = Prefix(address, length: Int(raw.prefixlen))
        return prefix.address == address ? prefix : nil
    }

    package static func encode(value: AddressClassID) -> sluice_address {
        sluice_address(address_class: value.rawValue)
    }

    package static func decode(value raw: sluice_address) -> AddressClassID? {
        AddressClassID(rawValue: raw.address_class)
    }
}
