import PolicyModel

/// Whether every port that a rule names is among those of another one. Names cover
/// themselves and are covered by a protocol's every port.
func ports(_ ports: [PolicyPort]?, areAmong others: [PolicyPort]?) -> Bool {
    guard let others else { return true }
    guard let ports else { return false }
    return ports.allSatisfy { port in
        if others.contains(port) || others.contains(PolicyPort(port.protocol, .any)) { return true }
        return switch port.number {
        case .named: false
        case .any: isCovered(0...UInt16.max, port.protocol, by: others)
        case .range(let range): isCovered(range, port.protocol, by: others)
        }
    }
}

private func isCovered(
    _ range: ClosedRange<UInt16>, _ protocol: TransportProtocol, by others: [PolicyPort]
) -> Bool {
    var next = Int(range.lowerBound)
    let ranges = others.compactMap { other -> ClosedRange<UInt16>? in
        guard other.protocol == `protocol`, case .range(let range) = other.number else { return nil }
        return range
    }
    for other in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where Int(other.lowerBound) <= next {
        next = max(next, Int(other.upperBound) + 1)
    }
    return next > Int(range.upperBound)
}
