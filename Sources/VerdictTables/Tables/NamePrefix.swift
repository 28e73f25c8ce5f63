public import PolicyModel

/// A key of `names`: a domain name's characters, the last one first, as far as they are
/// given. A name ends in a zero byte, so that one for all names below a domain, which
/// ends in a dot, holds neither the domain itself nor names that merely end like it.
public struct NamePrefix: Hashable, Sendable {
    public let bytes: [UInt8]

    /// - Parameter bytes: at most 254.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The text that a name is looked up by.
    public init(_ name: DomainName) {
        self.init(bytes: name.description.utf8.reversed() + [0])
    }

    public init(_ pattern: DomainPattern) {
        switch pattern {
        case .exact(let name): self.init(name)
        case .below(let domain): self.init(bytes: domain.description.utf8.reversed() + [UInt8(ascii: ".")])
        }
    }

    /// Everything.
    public static let everything = NamePrefix(bytes: [])

    /// The number of bits, as tries count.
    public var length: Int { bytes.count * 8 }

    /// Nil if it is no pattern's.
    public var pattern: DomainPattern? {
        guard let last = bytes.last else { return nil }
        let name = DomainName(String(decoding: bytes.dropLast().reversed(), as: UTF8.self))
        return switch last {
        case 0: name.map(DomainPattern.exact)
        case UInt8(ascii: "."): name.map(DomainPattern.below)
        default: nil
        }
    }
}

extension NamePrefix: Comparable {
    /// In the order of the characters; a prefix comes before what it holds.
    public static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension NamePrefix: CustomStringConvertible {
    public var description: String { pattern?.description ?? (bytes.isEmpty ? "every name" : "no name") }
}
