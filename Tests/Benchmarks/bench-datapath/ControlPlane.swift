import BenchmarkSupport
import KernelDatapath
import PolicyModel
import VerdictTables

/// How long changes take to reach the kernel, beside 100,000 prefixes.
struct ControlPlane: Encodable {
    struct Times: Encodable {
        var p50: Double
        var p99: Double
        var changes: Int
    }

    /// Milliseconds for all prefixes, from empty maps.
    var fillMilliseconds: Double
    /// Milliseconds of one pod's arrival: its entry and its address.
    var arrival: Times
    /// Milliseconds until one edit of a policy is in force: new ports, then the rule.
    var edit: Times
    /// Milliseconds until the ports that it no longer needs are away; packets do not wait for that.
    var clearance: Times

    static func fill(_ tables: VerdictTables, _ driver: TableDriver, _ settings: NodeSettings) throws -> Double {
        let begun = secondsNow()
        _ = try driver.compareAndRepair(desired: tables, settings: settings)
        return (secondsNow() - begun) * 1000
    }

    /// Leaves the tables as they were.
    static func changes(_ driver: TableDriver, _ settings: NodeSettings) throws -> (arrival: Times, edit: Times, clearance: Times) {
        var arrivals: [Double] = []
        var edits: [Double] = []
        var clearances: [Double] = []
        for index in 0..<200 {
            let address = Prefix(host: IPAddress(ipv4: 0x0b00_0000 + UInt32(index)))
            let pod = CgroupID(rawValue: 1 << 40 + UInt64(index))
            var arrival = TableChanges()
            arrival.addresses[address] = .some(BenchmarkTables.peers)
            arrival.pods[pod] = PodEntry(policySet: BenchmarkTables.policySet, flags: .isolated)
            arrivals.append(try time(arrival, driver, settings))
            edits.append(try time(edit(to: index + 1), driver, settings))
            clearances.append(try time(removal(index), driver, settings))
        }
        _ = try driver.apply(cleanUp(200), settings: settings)
        return (times(arrivals), times(edits), times(clearances))
    }

    private static func portSet(_ index: Int) -> PortSetID {
        PortSetID(rawValue: BenchmarkTables.ports.rawValue + UInt64(index))
    }

    private static func edit(to new: Int) -> TableChanges {
        var changes = TableChanges()
        let cause = CauseID(rawValue: 1)
        for number: UInt8 in [6, 17] {
            changes.ports[PortKey(portSet(new), PortPrefix(protocol: number))] = Decision(.allow, cause)
        }
        changes.rules[RuleKey(BenchmarkTables.policySet, BenchmarkTables.peers)] =
            .byPort(portSet(new), otherwise: cause)
        return changes
    }

    private static func removal(_ old: Int) -> TableChanges {
        var changes = TableChanges()
        for number: UInt8 in [6, 17] {
            changes.ports[PortKey(portSet(old), PortPrefix(protocol: number))] = .some(nil)
        }
        return changes
    }

    private static func cleanUp(_ count: Int) -> TableChanges {
        var changes = edit(to: 0).followed(by: removal(count))
        for index in 0..<count {
            changes.addresses[Prefix(host: IPAddress(ipv4: 0x0b00_0000 + UInt32(index)))] = .some(nil)
            changes.pods[CgroupID(rawValue: 1 << 40 + UInt64(index))] = .some(nil)
        }
        return changes
    }

    private static func time(
        _ changes: TableChanges, _ driver: TableDriver, _ settings: NodeSettings
    ) throws -> Double {
        let begun = secondsNow()
        _ = try driver.apply(changes, settings: settings)
        return (secondsNow() - begun) * 1000
    }

    private static func times(_ milliseconds: [Double]) -> Times {
        Times(
            p50: milliseconds.quantile(0.5), p99: milliseconds.quantile(0.99),
            changes: milliseconds.count)
    }
}
