import Flows
import FoundationEssentials
import PolicyModel

/// What a client of the agent's socket asks: its answer has an end unless flows are
/// followed, and holds no more than was asked for.
func checkRequest(_ bytes: [UInt8]) {
    guard let request = try? JSONDecoder().decode(FlowRequest.self, from: Data(bytes)) else { return }
    require(again(request) == request, "a request does not read back: \(request)")
    var ring = FlowRing(capacity: 4)
    for second in 1...7 as ClosedRange<UInt64> { ring.append(flow(at: second)) }
    var cursor = FlowCursor(request, in: ring)
    var told = 0
    for _ in 0..<8 {
        for case .flow in cursor.consume(ring.page(from: cursor.next, atMost: 2)) { told += 1 }
    }
    require(request.follow || cursor.isAtEnd, "an answer without an end")
    require(told <= request.last ?? 4, "\(told) flows, of which \(request.last ?? 4) were wanted")
}

/// A flow as `sluice observe -o json` prints it and as records keep it.
func checkFlow(_ bytes: [UInt8]) {
    guard let flow = try? JSONDecoder().decode(Flow.self, from: Data(bytes)) else { return }
    require(again(flow) == flow, "a flow does not read back: \(flow)")
    require(!flow.logLine.isEmpty, "a flow without words")
}

private func again<Value: Codable>(_ value: Value) -> Value? {
    guard let bytes = try? JSONEncoder().encode(value) else { return nil }
    return try? JSONDecoder().decode(Value.self, from: bytes)
}

private func flow(at second: UInt64) -> Flow {
    Flow(
        time: FlowTime(nanoseconds: second * 1_000_000_000), verdict: second % 2 == 0 ? .denied : .allowed,
        source: FlowEnd(address: IPAddress("10.0.0.1"), namespace: "shop", pod: "web-\(second)"),
        destination: FlowEnd(address: IPAddress("10.0.0.2"), namespace: "shop", pod: "db-0"),
        transport: FlowTransport(protocolNumber: 6, destinationPort: UInt16(5000 + second)))
}
