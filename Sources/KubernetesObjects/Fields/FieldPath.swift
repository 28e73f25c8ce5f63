/// Where a field is within its object. A chain and not a text, as paths are
/// made for every field read but printed for few.
package indirect enum FieldPath: CustomStringConvertible {
    case root
    case key(FieldPath, String)
    case index(FieldPath, Int)

    /// For instance `spec.egress[0].to[1].ipBlock.cidr`; keys that hold dots,
    /// as label keys do, stand in brackets.
    package var description: String {
        switch self {
        case .root: ""
        case .key(.root, let key): key
        case .key(let parent, let key):
            key.utf8.contains(UInt8(ascii: ".")) || key.utf8.contains(UInt8(ascii: "/"))
                ? "\(parent)[\(key.prefix(80))]" : "\(parent).\(key.prefix(80))"
        case .index(let parent, let index): "\(parent)[\(index)]"
        }
    }
}
