import Flows
import PolicyModel

/// What a pod was told an address for.
package struct ToldNames: Sendable, ExpressibleByArrayLiteral {
    package var names: [String]
    /// An answer that would let the pod go there, were its time not over.
    package var expired: ExpiredAnswer?

    package init(_ names: [String], expired: ExpiredAnswer? = nil) {
        self.names = names
        self.expired = expired
    }

    package init(arrayLiteral names: String...) { self.init(names) }
}

/// An answer whose time is over.
package struct ExpiredAnswer: Hashable, Sendable {
    package var name: String
    /// How long it is over.
    package var secondsAgo: UInt64

    package init(name: String, secondsAgo: UInt64) {
        self.name = name
        self.secondsAgo = secondsAgo
    }

    private static let words = "; its answer for "

    /// For a flow's reason.
    package var text: String { "\(Self.words)\(name) expired \(secondsAgo) s ago" }

    /// A flow's reason without the time, by which repeats would differ.
    static func timeless(_ reason: String) -> String {
        guard let start = reason.firstRange(of: words)?.upperBound,
            let name = reason[start...].split(separator: " ").first
        else { return reason }
        return reason[..<start] + "\(name) has expired"
    }
}

extension Flow {
    mutating func addDomainNames(_ told: ToldNames) {
        addDomainNames(told.names)
        if verdict == .denied || verdict == .audit, let expired = told.expired { reason += expired.text }
    }
}
