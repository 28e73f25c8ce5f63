package import CSluice
package import VerdictTables

/// `ports`: sluice_port_key -> sluice_port.
package enum PortCodec: MapCodec {
    package static let map = DatapathMap.ports
    private static let anyProtocol = UInt32(SLUICE_PORT_ANY_PROTOCOL)
    private static let oneProtocol = UInt32(SLUICE_PORT_PROTOCOL)

    package static func encode(key: PortKey) -> sluice_port_key {
        let prefix = key.prefix
        var raw = sluice_port_key()
        raw.prefixlen = prefix.length == 0 ? anyProtocol : oneProtocol + UInt32(prefix.length - 8)
        raw.port_set.0 = UInt32(truncatingIfNeeded: key.portSet.rawValue)
        raw.port_set.1 = UInt32(truncatingIfNeeded: key.portSet.rawValue >> 32)
        raw.protocol = prefix.protocolNumber
        raw.port = prefix.port.bigEndian
        return raw
    }

    package static func decode(key raw: sluice_port_key) -> PortKey? {
        let length: Int
        switch raw.prefixlen {
        case anyProtocol: length = 0
        case oneProtocol...oneProtocol + 16: length = Int(raw.prefixlen - oneProtocol) + 8
        default: return nil
        }
        let bits = UInt32(raw.protocol) << 16 | UInt32(UInt16(bigEndian: raw.port))
        let prefix = PortPrefix(bits: bits, length: length)
        guard raw.zero == 0, prefix.bits == bits else { return nil }
        let portSet = UInt64(raw.port_set.1) << 32 | UInt64(raw.port_set.0)
        return PortKey(PortSetID(rawValue: portSet), prefix)
    }

    package static func encode(value: Decision) -> sluice_port {
        sluice_port(
            action: value.action.rawValue, names: sluice_precedence(value.dnsPrecedence), cause: value.cause.rawValue)
    }

    package static func decode(value raw: sluice_port) -> Decision? {
        guard let action = Action(rawValue: raw.action) else { return nil }
        return Decision(action, CauseID(rawValue: raw.cause), dnsPrecedence: Precedence(raw.names))
    }
}
