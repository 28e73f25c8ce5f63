public import PolicyModel

/// Tables that answer many questions: only prefix lengths in use are tried.
public struct IndexedTables: Sendable {
    private let tables: VerdictTables
    /// Longest first.
    private let lengths: [Int]

    public init(_ tables: VerdictTables) {
        self.tables = tables
        lengths = Set(tables.addresses.keys.map(\.length)).sorted(by: >)
    }
}

extension IndexedTables: VerdictLookup {
    public func addressClass(of address: IPAddress) -> AddressClassID {
        for length in lengths {
            if let found = tables.addresses[Prefix(address, length: length)] { return found }
        }
        return .other
    }

    public func nameClass(of name: DomainName) -> NameClassID? { tables.nameClass(of: name) }

    public func rule(_ key: RuleKey) -> Rule? { tables.rule(key) }

    public func decision(in portSet: PortSetID, protocol number: UInt8, port: UInt16) -> Decision? {
        tables.decision(in: portSet, protocol: number, port: port)
    }
}
