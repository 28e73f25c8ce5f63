package import CSluice

/// The pinned maps that the agent and the tool read and write.
public struct DatapathMaps: ~Copyable, Sendable {
    package let config: BPFMap<ConfigCodec>
    package let pods: BPFMap<PodCodec>
    package let addresses: BPFMap<AddressCodec>
    package let rules: BPFMap<RuleCodec>
    package let ports: BPFMap<PortCodec>
    package let names: BPFMap<NameCodec>
    package let replies: BPFMap<ReplyCodec>
    package let replyRing: BPFMap<ReplyCellCodec>
    package let counters: PerCPUMap<sluice_counters>
    package let lost: PerCPUMap<sluice_drops>

    /// Opens what is pinned; nothing is loaded or made.
    public init(pins: Pins, readOnly: Bool = false) throws(KernelError) {
        let config = try BPFMap<ConfigCodec>(pins: pins, readOnly: readOnly)
        let pods = try BPFMap<PodCodec>(pins: pins, readOnly: readOnly)
        let addresses = try BPFMap<AddressCodec>(pins: pins, readOnly: readOnly)
        let rules = try BPFMap<RuleCodec>(pins: pins, readOnly: readOnly)
        let ports = try BPFMap<PortCodec>(pins: pins, readOnly: readOnly)
        let names = try BPFMap<NameCodec>(pins: pins, readOnly: readOnly)
        let replies = try BPFMap<ReplyCodec>(pins: pins, readOnly: readOnly)
        let replyRing = try BPFMap<ReplyCellCodec>(pins: pins, readOnly: readOnly)
        let counters = try PerCPUMap<sluice_counters>(.counters, pins: pins, readOnly: readOnly)
        let lost = try PerCPUMap<sluice_drops>(.eventDrops, pins: pins, readOnly: readOnly)
        // Together, as a half-made value could not be given back.
        self.config = config
        self.pods = pods
        self.addresses = addresses
        self.rules = rules
        self.ports = ports
        self.names = names
        self.replies = replies
        self.replyRing = replyRing
        self.counters = counters
        self.lost = lost
    }
}
