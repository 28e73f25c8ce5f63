import KernelDatapath
import PolicyModel
import VerdictTables

extension FlowEvent {
    var destinationText: String {
        guard port > 0 else { return "\(destination)" }
        return destination.isIPv4 ? "\(destination):\(port)" : "[\(destination)]:\(port)"
    }

    var protocolName: String {
        if let known = TransportProtocol(rawValue: protocolNumber) { return known.name }
        return protocolNumber == 1 || protocolNumber == 58 ? "ICMP" : "protocol \(protocolNumber)"
    }

    /// Why it came to this verdict.
    /// - Parameter known: what `cause` stands for, if that is known.
    func reason(_ known: Cause?) -> String {
        if verdict == .held { return "its pod is not known yet" }
        return known?.reason ?? (guarded ? "guarded" : "cause \(cause)")
    }
}
