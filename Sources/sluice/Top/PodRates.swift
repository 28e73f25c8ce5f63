import KernelDatapath

/// What became of a pod's packets between two looks at its counters.
struct PodRates: Encodable {
    /// Per second.
    struct Rate: Encodable {
        var packets: Double
        var bytes: Double
        var flows: Double
    }

    enum Order: String, CaseIterable, Encodable {
        case allowed, denied, flows, bytes, pod
    }

    var pod: String
    var allowed: Rate
    var denied: Rate
    var audit: Rate
    /// Since the pod is known to the kernel.
    var deniedPackets: UInt64

    init(_ pod: String, _ old: FlowCounters, _ new: FlowCounters, seconds: Double) {
        func rate(_ part: KeyPath<FlowCounters, FlowCounters.Count>) -> Rate {
            let (old, new) = (old[keyPath: part], new[keyPath: part])
            // A slot that was given to another pod begins at nothing again.
            func perSecond(_ field: KeyPath<FlowCounters.Count, UInt64>) -> Double {
                let (old, new) = (old[keyPath: field], new[keyPath: field])
                return Double(new >= old ? new - old : new) / seconds
            }
            return Rate(packets: perSecond(\.packets), bytes: perSecond(\.bytes), flows: perSecond(\.flows))
        }
        self.pod = pod
        allowed = rate(\.allowed)
        denied = rate(\.denied)
        audit = rate(\.audit)
        deniedPackets = new.denied.packets
    }

    /// The busiest first, and of equal ones by name.
    static func sorted(_ rows: [PodRates], by order: Order) -> [PodRates] {
        rows.sorted { left, right in
            let (first, second) = (left.value(order), right.value(order))
            return first == second ? left.pod < right.pod : first > second
        }
    }

    private func value(_ order: Order) -> Double {
        switch order {
        case .allowed: allowed.packets
        case .denied: denied.packets
        case .flows: allowed.flows + denied.flows + audit.flows
        case .bytes: allowed.bytes
        case .pod: 0
        }
    }

    static let header = ["POD", "ALLOWED/s", "BYTES/s", "FLOWS/s", "DENIED/s", "AUDIT/s", "DENIED"]

    var cells: [String] {
        [
            pod, Self.text(allowed.packets), Self.bytes(allowed.bytes), Self.text(value(.flows)),
            Self.text(denied.packets), Self.text(audit.packets), String(deniedPackets),
        ]
    }

    /// With one digit behind the point below ten.
    private static func text(_ number: Double) -> String {
        if number == 0 { return "0" }
        let tenths = (number * 10).rounded()
        return tenths < 100 ? "\(Int(tenths) / 10).\(Int(tenths) % 10)" : "\(Int(number.rounded()))"
    }

    private static func bytes(_ number: Double) -> String {
        let units = ["", "K", "M", "G", "T"]
        var (number, unit) = (number, 0)
        while number >= 1000, unit + 1 < units.count { (number, unit) = (number / 1000, unit + 1) }
        return text(number) + units[unit]
    }
}
