import PolicyModel
public import VerdictTables

extension PolicyCompiler {
    /// What the identifiers in the tables stand for. Not cheap: it goes through
    /// every live class.
    public var names: IdentifierLegend {
        var names = namesButClasses
        names.classes = identities(of: addressClasses)
        return names
    }

    /// The same without classes of addresses, of which there are many.
    public var namesButClasses: IdentifierLegend {
        var names = IdentifierLegend()
        names.causes = causes.causes
        for id in domainNames.liveClasses { names.nameClasses[id] = domainNames.lists(of: id) }
        for (id, set) in compiled {
            names.policySets[id] = IdentifierLegend.PolicySet(
                policies: set.key.references, exempt: set.key.exempt.contains(.metadata))
        }
        return names
    }

    /// The classes that some address has.
    public var addressClasses: [AddressClassID] { Array(addressTable.liveClasses) }

    /// What an address of each of these classes is; nothing where no address has the class any more.
    public func identities(of classes: some Collection<AddressClassID>) -> [AddressClassID: [PeerIdentity]] {
        var identities = [AddressClassID: [PeerIdentity]](minimumCapacity: classes.count)
        for id in classes { identities[id] = addressTable.identities(of: id).compactMap(addressTable.identity) }
        return identities
    }

    /// Who is to thank for a decision.
    public func cause(_ id: CauseID) -> Cause? { causes.causes[id] }
}
