package import CSluice
package import VerdictTables

/// `names`: sluice_name_key -> sluice_name.
package enum NameCodec: MapCodec {
    package static let map = DatapathMap.dnsNames

    package static func encode(key: NamePrefix) -> sluice_name_key {
        var raw = sluice_name_key()
        raw.prefixlen = UInt32(key.length)
        withUnsafeMutableBytes(of: &raw.name) { $0.copyBytes(from: key.bytes.prefix(Int(SLUICE_NAME_BYTES))) }
        return raw
    }

    package static func decode(key raw: sluice_name_key) -> NamePrefix? {
        guard raw.prefixlen <= UInt32(SLUICE_NAME_BYTES) * 8, raw.prefixlen % 8 == 0 else { return nil }
        let count = Int(raw.prefixlen / 8)
        return withUnsafeBytes(of: raw.name) { bytes in
            bytes.dropFirst(count).allSatisfy { $0 == 0 } ? NamePrefix(bytes: Array(bytes.prefix(count))) : nil
        }
    }

    package static func encode(value: NameClassID) -> sluice_name {
        sluice_name(name_class: value.rawValue)
    }

    /// A class that is none of names could be one of addresses.
    package static func decode(value raw: sluice_name) -> NameClassID? {
        let found = NameClassID(rawValue: raw.name_class)
        return NameClassID.derived(from: raw.name_class) == found ? found : nil
    }
}
