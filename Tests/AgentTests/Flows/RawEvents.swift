import CSluice
import KernelDatapath
import PolicyModel
import Testing

/// A denial of cgroup 7 by cause 20, as the kernel writes it, with changes.
func event(_ address: String = "10.1.2.3", _ change: (inout sluice_event) -> Void = { _ in }) throws -> FlowEvent {
    var raw = sluice_event()
    raw.pod = 7
    raw.cause = 20
    raw.port = 443
    raw.protocol = 6
    raw.count = 1
    raw.verdict = FlowVerdict.denied.kernelValue
    let wanted = try #require(IPAddress(address))
    withUnsafeMutableBytes(of: &raw.address) { $0.copyBytes(from: wanted.bytes) }
    change(&raw)
    return try #require(FlowEvent(raw))
}
