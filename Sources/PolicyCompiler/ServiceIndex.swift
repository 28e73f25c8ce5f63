import PolicyModel

/// Which services have an address among their endpoints.
struct ServiceIndex {
    private var services: [IPAddress: Set<NamespacedName>] = [:]
    private var addresses: [NamespacedName: Set<IPAddress>] = [:]

    mutating func replace(_ service: NamespacedName, addresses new: Set<IPAddress>) {
        let old = addresses[service] ?? []
        for address in old.subtracting(new) {
            services[address]?.remove(service)
            if services[address]?.isEmpty == true { services[address] = nil }
        }
        for address in new.subtracting(old) { services[address, default: []].insert(service) }
        addresses[service] = new.isEmpty ? nil : new
    }

    /// The services with an endpoint in one of the prefixes.
    func services(behind prefixes: some Sequence<Prefix>) -> Set<NamespacedName> {
        var found: Set<NamespacedName> = []
        for prefix in prefixes {
            if prefix.length == 128 {
                found.formUnion(services[prefix.address] ?? [])
            } else {
                for (address, names) in services where prefix.contains(address) { found.formUnion(names) }
            }
        }
        return found
    }
}
