/// Something wrong with what was read: where, what, and what it means.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Part of the input is not applied; it fails closed.
        case error
        /// Applied, but probably not what was meant.
        case warning
    }

    public var severity: Severity
    /// File, or file and document; empty for objects from the API.
    public var origin: String
    /// The object as far as it could be named, for instance `NetworkPolicy x/p`.
    public var object: String
    /// The same for programs; nil if the object could not be named, or is of a
    /// kind that takes no part.
    public var reference: ObjectReference?
    /// The field's path, for instance `spec.egress[0].to[1].ipBlock.cidr`.
    public var field: String
    public var message: String

    public init(
        _ severity: Severity, origin: String = "", object: String = "",
        reference: ObjectReference? = nil, field: String = "", _ message: String
    ) {
        self.severity = severity
        self.origin = origin
        self.object = object
        self.reference = reference
        self.field = field
        self.message = message
    }

    /// On one line of printable characters: part of it is what somebody wrote into an object.
    public var description: String {
        ([origin, object, field].filter { !$0.isEmpty } + [message]).joined(separator: ": ").printable
    }
}
