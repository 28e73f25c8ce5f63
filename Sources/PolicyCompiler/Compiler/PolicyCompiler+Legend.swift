import PolicyModel
public import VerdictTables

extension PolicyCompiler {
    /// What the identifiers in the tables stand for. Not cheap: it goes through
    /// every live class.
    public var names: IdentifierLegend {
        var names = namesButClasses
        names.classes = peerships(of: addressClasses)
        return names
    }

    /// The same without classes of addresses, of which there are many.
    public var namesButClasses: IdentifierLegend {
        var names = IdentifierLegend()
        names.causes = causes.causes
        for id in nameSpace.liveClasses { names.nameClasses[id] = nameSpace.lists(of: id) }
        for (id, set) in compiled {
            names.policySets[id] = IdentifierLegend.PolicySet(
                policies: set.key.references.map(\.policyText), exempt: set.key.exempt.contains(.metadata))
        }
        return names
    }

    /// The classes that some address has.
    public var addressClasses: [AddressClassID] { Array(space.liveClasses) }

    /// What an address of each of these classes is; nothing where no address has the class any more.
    public func peerships(of classes: some Collection<AddressClassID>) -> [AddressClassID: [PeerIdentity]] {
        var peerships = [AddressClassID: [PeerIdentity]](minimumCapacity: classes.count)
        for id in classes { peerships[id] = space.peerships(of: id).compactMap(space.peership) }
        return peerships
    }

    /// Who is to thank for a decision.
    public func cause(_ id: CauseID) -> Cause? { causes.causes[id] }
}
