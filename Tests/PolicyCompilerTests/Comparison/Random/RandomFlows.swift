import PolicyModel
import TestHarness

struct Flow: Hashable {
    var address: IPAddress
    var protocolNumber: UInt8
    var port: UInt16
    /// What the pod was told the address for.
    var names: [DomainName] = []
}

/// Flows biased to the edges of what the cluster's objects mention.
struct RandomFlows {
    private let addresses: [IPAddress]
    private let ports: [UInt16]

    init(about objects: some Sequence<ClusterObject>) {
        var addresses = Set(Alphabet.everyAddress)
        var ports = Set(Alphabet.ports)
        for object in objects {
            switch object {
            case .pod(let pod): addresses.formUnion(pod.addresses)
            case .service(let service): addresses.formUnion(service.addresses)
            case .networkPolicy(let policy):
                for rule in policy.rules {
                    for case .block(let block) in rule.peers ?? [] {
                        for prefix in [block.prefix] + block.except { addresses.formUnion(prefix.edges) }
                    }
                    for case .range(let range) in (rule.ports ?? []).map(\.number) {
                        ports.formUnion([
                            range.lowerBound &- 1, range.lowerBound, range.upperBound, range.upperBound &+ 1,
                        ])
                    }
                }
            case .clusterNetworkPolicy(let policy):
                for case .network(let prefix) in policy.rules.flatMap({ $0.peers ?? [] }) {
                    addresses.formUnion(prefix.edges)
                }
            default: break
            }
        }
        self.addresses = addresses.sorted()
        self.ports = ports.sorted()
    }

    func next(_ random: inout SplitMix64) -> Flow {
        let number = random.pick([6, 6, 6, 17, 17, 132, 1, 58, 47, 0, 255] as [UInt8])
        let hasPorts = [6, 17, 132].contains(number)
        return Flow(
            address: random.pick(addresses), protocolNumber: number,
            port: !hasPorts ? 0 : random.oneIn(10) ? UInt16(random.number(0...65535)) : random.pick(ports),
            names: random.oneIn(3) ? [] : random.list(1...2) { $0.pick(Alphabet.names) })
    }
}

extension Prefix {
    /// The first and last address and those just outside, where there are any.
    var edges: [IPAddress] {
        let last = IPAddress(
            high: address.high | (length >= 64 ? 0 : UInt64.max >> UInt64(length)),
            low: address.low | (length >= 128 ? 0 : length <= 64 ? .max : UInt64.max >> UInt64(length - 64)))
        let (below, borrow) = address.low.subtractingReportingOverflow(1)
        let (above, carry) = last.low.addingReportingOverflow(1)
        return [
            address, last,
            IPAddress(high: borrow ? address.high &- 1 : address.high, low: below),
            IPAddress(high: carry ? last.high &+ 1 : last.high, low: above),
        ]
    }
}
