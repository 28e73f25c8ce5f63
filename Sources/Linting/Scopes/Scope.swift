import PolicyModel

/// Whom a rule is about, and one of its peers with the rule's ports.
struct Scope {
    enum Destination {
        case everything
        case pods(PodSelection)
        case nodes(LabelSelector)
        case block(IPBlock)
        case domains([DomainPattern], privateAnswers: Bool)
    }

    var subject: PodSelection
    var destination: Destination
    var ports: [PolicyPort]?
}

/// Compares scopes by their form, so that what is said holds whatever pods come
/// and go; only services' addresses are looked at as they are.
struct ScopeComparison {
    /// Sorted.
    private let serviceAddresses: [IPAddress]

    init(_ services: [Service]) {
        serviceAddresses = services.flatMap(\.addresses).sorted()
    }

    /// Whether a rule with the one scope allows or decides everything that one with
    /// the other scope does. May say no where it is so.
    func covers(_ wide: Scope, _ narrow: Scope) -> Bool {
        narrow.subject.implies(wide.subject) && ports(narrow.ports, areAmong: wide.ports)
            && covers(wide.destination, narrow.destination, allPorts: wide.ports == nil)
    }

    private func covers(_ wide: Scope.Destination, _ narrow: Scope.Destination, allPorts: Bool) -> Bool {
        switch (wide, narrow) {
        // A block names a service by its address and the service's own port, a rule
        // without peers by the ports of its endpoints alone.
        case (.everything, .block(let block)): allPorts || !holdsService(block.prefix)
        case (.everything, _): true
        case (.pods(let wide), .pods(let narrow)): narrow.implies(wide)
        case (.nodes(let wide), .nodes(let narrow)): narrow.implies(wide)
        case (.block(let wide), .block(let narrow)): covers(wide, narrow)
        case (.domains(let wide, let wideAnswers), .domains(let narrow, let narrowAnswers)):
            (wideAnswers || !narrowAnswers) && narrow.allSatisfy { name in wide.contains { $0.covers(name) } }
        default: false
        }
    }

    /// A hole that cuts out an endpoint also takes its service's address away, so
    /// holes outside of the narrow block count where services' addresses are in it.
    private func covers(_ wide: IPBlock, _ narrow: IPBlock) -> Bool {
        guard wide.prefix.contains(narrow.prefix) else { return false }
        let holes = wide.except.filter { hole in !narrow.except.contains { $0.contains(hole) } }
        if holes.isEmpty { return true }
        return holes.allSatisfy { !$0.contains(narrow.prefix) && !narrow.prefix.contains($0) }
            && !holdsService(narrow.prefix)
    }

    private func holdsService(_ prefix: Prefix) -> Bool {
        var (low, high) = (0, serviceAddresses.count)
        while low < high {
            let middle = (low + high) / 2
            if serviceAddresses[middle] < prefix.address { low = middle + 1 } else { high = middle }
        }
        return serviceAddresses[low...].prefix { $0.masked(to: prefix.length) == prefix.address }
            .contains(where: prefix.contains)
    }
}
