import PolicyModel
import VerdictTables

/// Puts of one table, to be written by one call.
enum Batch {
    case addresses([(key: Prefix, value: AddressClassID)])
    case names([(key: NamePrefix, value: NameClassID)])
    case rules([(key: RuleKey, value: Rule)])
    case ports([(key: PortKey, value: Decision)])

    /// Nil for pods, which are few and need counter slots, and for removals.
    init?(_ run: ArraySlice<TableWrite>) {
        switch run.first {
        case .putAddress:
            self = .addresses(
                run.compactMap {
                    if case .putAddress(let key, let value) = $0 { (key, value) } else { nil }
                })
        case .putName:
            self = .names(
                run.compactMap {
                    if case .putName(let key, let value) = $0 { (key, value) } else { nil }
                })
        case .putRule:
            self = .rules(
                run.compactMap {
                    if case .putRule(let key, let value) = $0 { (key, value) } else { nil }
                })
        case .putPort:
            self = .ports(
                run.compactMap {
                    if case .putPort(let key, let value) = $0 { (key, value) } else { nil }
                })
        default: return nil
        }
    }

    func write(to maps: borrowing DatapathMaps, done: inout Int) throws(KernelError) {
        switch self {
        case .addresses(let entries): try maps.addresses.update(entries, done: &done)
        case .names(let entries): try maps.names.update(entries, done: &done)
        case .rules(let entries): try maps.rules.update(entries, done: &done)
        case .ports(let entries): try maps.ports.update(entries, done: &done)
        }
    }
}

extension Collection<TableWrite> where Index == Int {
    /// Stretches of puts, or of removals, of the same table.
    var runs: [SubSequence] {
        var runs: [SubSequence] = []
        var start = startIndex
        for index in indices where index > start {
            guard self[index].map != self[start].map || self[index].isPut != self[start].isPut else { continue }
            runs.append(self[start..<index])
            start = index
        }
        if start < endIndex { runs.append(self[start...]) }
        return runs
    }
}

extension TableWrite {
    var isPut: Bool {
        switch self {
        case .putPort, .putRule, .putAddress, .putName, .putPod: true
        case .removePort, .removeRule, .removeAddress, .removeName, .removePod: false
        }
    }

    /// The table it goes to.
    var map: DatapathMap {
        switch self {
        case .putPort, .removePort: .ports
        case .putRule, .removeRule: .rules
        case .putAddress, .removeAddress: .addresses
        case .putName, .removeName: .dnsNames
        case .putPod, .removePod: .pods
        }
    }
}
