import PolicyModel
import VerdictTables

/// Tables as they are on the way.
struct LiveTables: VerdictLookup {
    var tables: VerdictTables
    /// Of prefixes, longest first.
    var lengths: [Int]

    init(tables: VerdictTables, lengths: [Int]) {
        self.tables = tables
        self.lengths = lengths
    }

    init(_ tables: VerdictTables) {
        self.init(tables: tables, lengths: Set(tables.addresses.keys.map(\.length)).sorted(by: >))
    }

    func addressClass(of address: IPAddress) -> AddressClassID {
        for length in lengths {
            if let found = tables.addresses[Prefix(address, length: length)] { return found }
        }
        return .other
    }

    func nameClass(of name: DomainName) -> NameClassID? { tables.nameClass(of: name) }

    func rule(_ key: RuleKey) -> Rule? { tables.rule(key) }

    func decision(in portSet: PortSetID, protocol number: UInt8, port: UInt16) -> Decision? {
        tables.decision(in: portSet, protocol: number, port: port)
    }

    func action(_ pod: CgroupID, _ flow: Flow) throws -> Action {
        try judge(
            tables.pods[pod]?.policySet ?? .guardsOnly, to: flow.address, protocol: flow.protocolNumber,
            port: flow.port, names: flow.names
        ).decision.action
    }
}

extension VerdictTables {
    mutating func apply(_ write: TableWrite) {
        switch write {
        case .putPort(let key, let value): ports[key] = value
        case .putRule(let key, let value): rules[key] = value
        case .putAddress(let key, let value): addresses[key] = value
        case .putName(let key, let value): names[key] = value
        case .putPod(let key, let value): pods[key] = value
        case .removePod(let key): pods[key] = nil
        case .removeAddress(let key): addresses[key] = nil
        case .removeName(let key): names[key] = nil
        case .removeRule(let key): rules[key] = nil
        case .removePort(let key): ports[key] = nil
        }
    }
}
