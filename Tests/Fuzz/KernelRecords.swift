import CSluice
import KernelDatapath
import PolicyModel

/// A record of the ring buffer, and what the map of recent flows may hold of one. Whoever writes them is
/// the node's root; the agent must stand it all the same.
func checkRecord(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { record in
        if let event = FlowEvent(record: record) {
            require(record.count == MemoryLayout<sluice_event>.size, "a record of \(record.count) bytes")
            check(event)
        }
    }
    if let event = FlowEvent(filled(sluice_event(), from: bytes)) { check(event) }
    let key = filled(sluice_dedup_key(), from: bytes)
    let value = filled(sluice_dedup(), from: Array(bytes.dropFirst(MemoryLayout<sluice_dedup_key>.size)))
    if let event = FlowEvent(key, value, at: value.reported_ns) { check(event) }
}

private func check(_ event: FlowEvent) {
    require(event.command.utf8.allSatisfy { (0x20..<0x7f).contains($0) }, "a name that is not printed")
    require(event.command.utf8.count <= 16, "a name that is too long")
    require(event.process != 0, "process 0")
    require(IPAddress(event.destination.description) == event.destination, "address \(event.destination)")
    _ = KernelClock.wallClock(of: event.time)
}

/// A structure with as many bytes as there are; the rest is zero.
private func filled<Value: BitwiseCopyable>(_ value: Value, from bytes: [UInt8]) -> Value {
    var value = value
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return value
}
