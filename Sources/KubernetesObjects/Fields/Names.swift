/// The syntaxes of names in the Kubernetes API.
enum Names {
    /// A port's name (apimachinery `validation.IsValidPortName`, RFC 6335
    /// section 5.1): at most 15 of a-z, 0-9 and '-', a letter among them, no '-'
    /// at an end or beside another.
    static func isPortName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...15).contains(bytes.count), bytes.allSatisfy({ isLowerAlphanumeric($0) || $0 == dash }),
            bytes.contains(where: { (97...122).contains($0) }), bytes.first != dash, bytes.last != dash
        else { return false }
        return !zip(bytes, bytes.dropFirst()).contains { $0 == dash && $1 == dash }
    }

    /// An object's name, taken widely: a DNS subdomain (RFC 1123).
    static func isObjectName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...253).contains(bytes.count), let first = bytes.first, let last = bytes.last else {
            return false
        }
        return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
            && bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == dash || $0 == UInt8(ascii: ".") }
    }

    /// A label's key (apimachinery `validation.IsQualifiedName`): a name of at
    /// most 63, with or without a DNS subdomain and '/' before it.
    static func isLabelKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.last, !name.isEmpty, isLabelValue(String(name)) else { return false }
        return parts.count == 1 || isObjectName(String(parts[0]))
    }

    /// A label's value (apimachinery `validation.IsValidLabelValue`): empty, or
    /// at most 63 letters, digits, '-', '_' and '.', the ends alphanumeric.
    static func isLabelValue(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static let dash = UInt8(ascii: "-")

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (65...90).contains(byte)
    }
}
