import PolicyModel

/// Whom a question is about: an address, or a name that the pod is told addresses for.
enum Host: Hashable, CustomStringConvertible {
    case address(IPAddress)
    case name(DomainName)

    /// A name whose last label is a number would be an address in some notation or other.
    init?(_ text: String) {
        if let address = IPAddress(text) {
            self = .address(address)
        } else if let name = DomainName(text),
            name.description.split(separator: ".").last?.allSatisfy(\.isNumber) == false
        {
            self = .name(name)
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .address(let address): address.description
        case .name(let name): name.description
        }
    }
}
