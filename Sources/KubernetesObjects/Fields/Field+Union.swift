extension Field {
    /// The one field that is set of an object of which exactly one must be.
    ///
    /// - Returns: Nil, with an error, if none is set, several are, or one that is
    ///   not known: a later version of the API may have it.
    func onlyField(among known: [String], as what: String) -> String? {
        if isAbsent {
            error("is null, not \(what)")
            return nil
        }
        guard let object = object() else { return nil }
        let set = object.fields.keys.sorted().filter { !self[$0].isAbsent }
        if let stranger = set.first(where: { !known.contains($0) }) {
            self[stranger].error("is not \(what) that Sluice knows; there are \(known.joined(separator: ", "))")
            return nil
        }
        guard set.count <= 1 else {
            error("must set one of \(set.joined(separator: " and ")), not both")
            return nil
        }
        if set.isEmpty { error("sets none of \(known.joined(separator: ", "))") }
        return set.first
    }

    /// Fields that are not known are errors: what they would narrow is not narrowed.
    func refuseUnknown(otherThan known: Set<String>) {
        guard case .object(let object) = value else { return }
        for key in object.fields.keys.sorted() where !known.contains(key) {
            self[key].error("is not a field that Sluice knows; there are \(known.sorted().joined(separator: ", "))")
        }
    }

    /// More than the API server takes still means what it says.
    func warnOfLength(_ count: Int, _ limit: Int) {
        if count > limit { warning("holds \(count) entries; the API server takes no more than \(limit)") }
    }
}
