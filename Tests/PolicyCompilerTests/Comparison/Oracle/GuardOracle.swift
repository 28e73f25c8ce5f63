import PolicyCompiler
import PolicyModel

/// The guards as the design words them, asked address by address.
struct GuardOracle {
    var guards: [Guard]
    var exemptions: [GuardExemption]
    var nodes: [Node]

    private func exempts(_ pod: Pod, from kind: Guard.Kind) -> Bool {
        for exemption in exemptions where exemption.kind == kind {
            if exemption.namespace != pod.key.namespace { continue }
            if let account = exemption.serviceAccount, account != pod.serviceAccount { continue }
            if let selector = exemption.podSelector, !oracleSelects(selector, pod.labels) { continue }
            return true
        }
        return false
    }

    /// How the pod is kept from there: one guard that enforces is enough.
    func mode(of address: IPAddress, _ number: UInt8, _ port: UInt16, for pod: Pod) -> Guard.Mode? {
        var mode: Guard.Mode?
        for guarded in guards where oracleCovers(guarded.ports, number, port) && concerns(guarded, address) {
            if exempts(pod, from: guarded.kind) { continue }
            if guarded.mode == .enforce { return .enforce }
            mode = .audit
        }
        return mode
    }

    /// Whether there is something that only its exemption spares the pod.
    func spares(_ pod: Pod, at address: IPAddress, _ number: UInt8, _ port: UInt16) -> Bool {
        guards.contains { guarded in
            oracleCovers(guarded.ports, number, port) && concerns(guarded, address)
                && exempts(pod, from: guarded.kind)
        }
    }

    private func concerns(_ guarded: Guard, _ address: IPAddress) -> Bool {
        // What a translator on the way makes of the address counts as well.
        var forms = [address]
        if address.high == 0x0064_ff9b_0000_0000 && address.low >> 32 == 0 {
            forms.append(IPAddress(ipv4: UInt32(address.low)))
        }
        if address.high >> 48 == 0x2002 {
            forms.append(IPAddress(ipv4: UInt32(truncatingIfNeeded: address.high >> 16)))
        }
        if guarded.kind == .nodePorts {
            return nodes.contains { node in forms.contains { node.addresses.contains($0) } }
        }
        for destination in guarded.destinations {
            for form in forms {
                if oracleContains(destination, form) { return true }
            }
        }
        return false
    }

    private func oracleCovers(_ ports: Guard.Ports, _ number: UInt8, _ port: UInt16) -> Bool {
        switch ports {
        case .all: true
        case .allExcept(let open): !((number == 6 || number == 17) && open.contains(port))
        case .tcp(let ranges): number == 6 && ranges.contains { $0.contains(port) }
        }
    }
}
