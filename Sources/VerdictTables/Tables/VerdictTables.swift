public import PolicyModel

/// The kernel's tables as values: what is wanted, or what was read back.
public struct VerdictTables: Hashable, Sendable {
    public var addresses: [Prefix: AddressClassID] = [:]
    public var names: [NamePrefix: NameClassID] = [:]
    public var rules: [RuleKey: Rule] = [:]
    public var ports: [PortKey: Decision] = [:]
    public var pods: [CgroupID: PodEntry] = [:]

    public init() {}
}

extension VerdictTables: VerdictLookup {
    public func addressClass(of address: IPAddress) -> AddressClassID {
        for length in stride(from: 128, through: 0, by: -1) {
            if let found = addresses[Prefix(address, length: length)] { return found }
        }
        return .other
    }

    public func nameClass(of name: DomainName) -> NameClassID? {
        guard !names.isEmpty else { return nil }
        let bytes = NamePrefix(name).bytes
        for count in stride(from: bytes.count, through: 0, by: -1) {
            if let found = names[NamePrefix(bytes: Array(bytes.prefix(count)))] { return found }
        }
        return nil
    }

    public func rule(_ key: RuleKey) -> Rule? { rules[key] }

    public func decision(in portSet: PortSetID, protocol number: UInt8, port: UInt16) -> Decision? {
        let bits = UInt32(number) << 16 | UInt32(port)
        for length in [Int](8...24).reversed() + [0] {
            if let found = ports[PortKey(portSet, PortPrefix(bits: bits, length: length))] {
                return found
            }
        }
        return nil
    }
}
