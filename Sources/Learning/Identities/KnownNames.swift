import Flows
import PolicyModel

/// What resolvers told pods of addresses, as far as records say it.
struct KnownNames {
    private var names: [FlowParty: [IPAddress: Set<DomainName>]] = [:]

    init(_ records: [FlowRecord]) {
        for record in records {
            guard case .domains(let told) = record.key.target else { continue }
            for address in record.seen.addresses.addresses + record.seen.examples.map(\.address) {
                names[record.key.source, default: [:]][address, default: []].formUnion(told)
            }
        }
    }

    /// The names that a record's pods were told an address for: those it goes by, else those that such
    /// pods were told at whatever time; sorted.
    func names(of address: IPAddress, in record: FlowRecord) -> [DomainName] {
        if case .domains(let own) = record.key.target { return own }
        return (names[record.key.source]?[address] ?? []).sorted()
    }

    /// The names that a rule can have for a part of what a record is about: no rule of one label
    /// alone, and none that opens what is not public.
    func patterns(for prefix: Prefix, in record: FlowRecord) -> [DomainPattern] {
        guard prefix.address.isPublic else { return [] }
        // Of a block without names only the single addresses are known, not the rest.
        guard prefix.length == 128 || record.key.target != .external else { return [] }
        return names(of: prefix.address, in: record).compactMap { DomainPattern($0.description) }
    }
}
