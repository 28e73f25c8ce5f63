import KubernetesObjects
import PolicyModel

/// What names stand for, as a resolver would tell: YAML or JSON of the form
/// `api.example.com: [203.0.113.7, "2001:db8::7"]`.
enum DNSFile {
    /// - Throws: `Failure` naming the file and the name.
    static func read(_ bytes: [UInt8], file: String) throws -> [DomainName: [IPAddress]] {
        let documents: [(line: Int, value: JSONValue)]
        do {
            documents = try DocumentReader().documents(bytes)
        } catch {
            throw Failure.badInput("\(file): \(error)")
        }
        var addresses: [DomainName: [IPAddress]] = [:]
        for document in documents where document.value != .null {
            guard case .object(let object) = document.value else {
                throw Failure.badInput(
                    "\(file): must be names with their addresses, for instance example.com: [203.0.113.7]")
            }
            for (text, value) in object.fields.sorted(by: { $0.key < $1.key }) {
                guard let name = DomainName(text) else {
                    throw Failure.badInput("\(file): \"\(text)\" is not a domain name")
                }
                addresses[name, default: []] += try read(value, of: text, file)
            }
        }
        return addresses
    }

    private static func read(_ value: JSONValue, of name: String, _ file: String) throws -> [IPAddress] {
        let values = if case .array(let elements) = value { elements } else { [value] }
        return try values.map { value in
            guard case .string(let text) = value, let address = IPAddress(text) else {
                throw Failure.badInput("\(file): \(name): must be an IP address, or a list of them")
            }
            return address
        }
    }
}
