public import PolicyModel

/// Flows that no policy can tell apart, added up.
public struct FlowRecord: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        public var source: FlowParty
        public var target: FlowTarget
        /// IANA number.
        public var protocolNumber: UInt8
        /// 0 where the protocol has none.
        public var port: UInt16
        public var verdict: FlowVerdict
        /// Whether a guard decided, or was passed.
        public var guarded: Bool

        public init(
            source: FlowParty, target: FlowTarget, protocolNumber: UInt8, port: UInt16,
            verdict: FlowVerdict, guarded: Bool = false
        ) {
            self.source = source
            self.target = target
            self.protocolNumber = protocolNumber
            self.port = port
            self.verdict = verdict
            self.guarded = guarded
        }
    }

    /// A concrete flow, to ask about again.
    public struct Example: Hashable, Sendable {
        /// The source pod's name.
        public var pod: String
        /// The destination.
        public var address: IPAddress
        /// The destination pod's name; empty where it is none.
        public var destinationPod: String

        public init(pod: String, address: IPAddress, destinationPod: String = "") {
            self.pod = pod
            self.address = address
            self.destinationPod = destinationPod
        }
    }

    /// What was seen of them.
    public struct Sightings: Hashable, Sendable {
        public static let mostExamples = 4

        /// Packets, calls or flows, as the flows' own counts have it.
        public var count: UInt64
        public var first: FlowTime
        public var last: FlowTime
        /// The destination's addresses where no selector stands for them: empty for pods.
        public var addresses: AddressTally
        /// The latest first.
        public var examples: [Example]

        public init(
            count: UInt64, first: FlowTime, last: FlowTime, addresses: AddressTally = AddressTally(),
            examples: [Example] = []
        ) {
            self.count = count
            self.first = first
            self.last = last
            self.addresses = addresses
            self.examples = Array(examples.prefix(Self.mostExamples))
        }

        /// Adds what was seen elsewhere, or at another time.
        public mutating func merge(_ other: Sightings) {
            count = count.addingClamped(other.count)
            let newer = other.last >= last
            first = min(first, other.first)
            last = max(last, other.last)
            addresses.merge(other.addresses)
            let all = newer ? other.examples + examples : examples + other.examples
            examples = []
            for example in all where !examples.contains(example) && examples.count < Self.mostExamples {
                examples.append(example)
            }
        }
    }

    public var key: Key
    public var seen: Sightings

    public init(_ key: Key, _ seen: Sightings) {
        self.key = key
        self.seen = seen
    }

    /// Nil if the source is no known pod or, on the host's network, one that no
    /// NetworkPolicy selects; and if nothing was decided: held packets come again.
    public init?(_ flow: Flow) {
        guard let source = FlowParty(flow.source), !flow.source.pod.isEmpty, !flow.source.hostNetwork,
            flow.verdict != .held, let address = flow.destination.address
        else { return nil }
        key = Key(
            source: source, target: FlowTarget(flow), protocolNumber: flow.transport.protocolNumber,
            port: flow.transport.destinationPort, verdict: flow.verdict, guarded: flow.guarded)
        seen = Sightings(
            count: UInt64(flow.count), first: flow.time, last: flow.time,
            examples: [
                Example(pod: flow.source.pod, address: address, destinationPod: flow.destination.pod)
            ])
        if case .pods = key.target { return }
        seen.addresses.add(address, UInt64(flow.count))
    }

    /// Whether its packets went through, by policy or in spite of it.
    public var passed: Bool { key.verdict == .allowed || key.verdict == .audit }

    /// For instance `5432/TCP`, `ICMP`.
    public var portText: String {
        let transport = FlowTransport(protocolNumber: key.protocolNumber, destinationPort: key.port)
        return transport.protocol == nil ? transport.name : "\(key.port)/\(transport.name)"
    }

    /// The destination as reports name it.
    public var targetText: String {
        let prefixes = seen.addresses.prefixes
        let address = prefixes.first.map { $0.length == 128 ? $0.address.description : $0.description } ?? "?"
        return key.target.text(address: prefixes.count > 1 ? "\(address) and \(prefixes.count - 1) more" : address)
    }
}
