public import PolicyModel

/// Something about the objects that is probably not as meant, and what to do.
public struct Finding: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, Comparable, CaseIterable, Codable {
        /// Part of an object is not applied.
        case error
        /// Something does not do what it seems to, or keeps pods from what they need.
        case warning
        /// Good to know; it may well be meant.
        case info

        /// The graver one is less.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public var severity: Severity
    public var check: Check
    /// Nil if the object could not be named.
    public var object: ObjectReference?
    /// File of the object, where that is known.
    public var origin: String
    /// The field's path, for instance `spec.egress[2].to[0]`; empty for the object as a whole.
    public var field: String
    /// One sentence or several, without a full stop at the end.
    public var message: String
    /// What to do about it; empty where the message says it.
    public var suggestion: String

    public init(
        _ severity: Severity, _ check: Check, _ object: ObjectReference?, origin: String = "",
        field: String = "", _ message: String, suggestion: String = ""
    ) {
        self.severity = severity
        self.check = check
        self.object = object
        self.origin = origin
        self.field = field
        self.message = message
        self.suggestion = suggestion
    }
}

extension Finding: Comparable {
    /// By severity, then by object and place.
    public static func < (left: Self, right: Self) -> Bool {
        if left.severity != right.severity { return left.severity < right.severity }
        switch (left.object, right.object) {
        case (let left?, let right?) where left != right: return left < right
        case (nil, _?): return true
        case (_?, nil): return false
        default: break
        }
        return (left.origin, left.field, left.check.rawValue, left.message)
            < (right.origin, right.field, right.check.rawValue, right.message)
    }
}
