import PolicyCompiler
import PolicyModel

/// The guards as the design words them, asked address by address.
struct GuardOracle {
    var guards: [Guard]
    var exemptions: [GuardExemption]

    func exempts(_ pod: Pod) -> Bool {
        for exemption in exemptions {
            if exemption.namespace != pod.key.namespace { continue }
            if let account = exemption.serviceAccount, account != pod.serviceAccount { continue }
            if let selector = exemption.podSelector, !oracleSelects(selector, pod.labels) { continue }
            return true
        }
        return false
    }

    func guards(_ address: IPAddress, _ number: UInt8, _ port: UInt16) -> Bool {
        guards.contains { oracleCovers($0.ports, number, port) && concerns($0, address) }
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
        for destination in guarded.destinations {
            for form in forms {
                if let host = IPAddress(destination), host == form { return true }
                if let block = Prefix(destination), oracleContains(block, form) { return true }
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
