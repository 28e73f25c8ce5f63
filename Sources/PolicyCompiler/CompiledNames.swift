import PolicyModel
public import VerdictTables

extension PolicyCompiler {
    /// What the identifiers in the tables stand for. Not cheap: it goes through
    /// every live class.
    public var names: Names {
        var names = Names()
        names.causes = causes.causes
        for id in space.liveClasses {
            names.classes[id] = space.peerships(of: id).compactMap(space.peership)
        }
        for id in nameSpace.liveClasses { names.nameClasses[id] = nameSpace.lists(of: id) }
        for (id, set) in compiled {
            names.policySets[id] = Names.PolicySet(
                policies: set.key.references.map(\.policyText), exempt: set.key.exempt.contains(.metadata))
        }
        return names
    }

    /// Who is to thank for a decision.
    public func cause(_ id: CauseID) -> Cause? { causes.causes[id] }
}

extension ObjectReference {
    /// A policy as reports name it: a NetworkPolicy by `namespace/name` alone.
    var policyText: String { kind == .networkPolicy ? key.description : description }
}
