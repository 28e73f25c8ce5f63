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

extension TableWrite {
    /// The table it goes to.
    var map: DatapathMap {
        switch self {
        case .putPort, .removePort: .ports
        case .putRule, .removeRule: .rules
        case .putAddress, .removeAddress: .addresses
        case .putName, .removeName: .names
        case .putPod, .removePod: .pods
        }
    }
}
