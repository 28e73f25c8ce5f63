package import PolicyModel

/// What a page or a watch line means for one object.
package enum ItemChange: Hashable, Sendable {
    case set(ObjectReference, ClusterObject, [Diagnostic], Provenance?)
    /// It cannot be understood; what was known of it stays.
    case keep(ObjectReference, [Diagnostic])
    /// Not even its name is known.
    case unnamed([Diagnostic])
    case remove(ObjectReference)
}
