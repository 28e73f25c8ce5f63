import CLibbpf
import CSluice
import KernelDatapath
import LinuxBase
import Testing

/// What Swift believes of a structure, against what the kernel loaded.
@Suite struct LayoutTests {
    struct Sizes {
        var key: Int
        var value: Int
    }

    static let sizes: [DatapathMap: Sizes] = [
        .config: Sizes(key: 4, value: MemoryLayout<sluice_config>.size),
        .pods: Sizes(key: 8, value: MemoryLayout<sluice_pod>.size),
        .addresses: Sizes(
            key: MemoryLayout<sluice_address_key>.size, value: MemoryLayout<sluice_address>.size),
        .rules: Sizes(key: MemoryLayout<sluice_rule_key>.size, value: MemoryLayout<sluice_rule>.size),
        .ports: Sizes(key: MemoryLayout<sluice_port_key>.size, value: MemoryLayout<sluice_port>.size),
        .verdicts: Sizes(key: 4, value: MemoryLayout<sluice_verdict>.size),
        .tcpFastpath: Sizes(key: 4, value: MemoryLayout<sluice_connection>.size),
        .replies: Sizes(
            key: MemoryLayout<sluice_reply_key>.size, value: MemoryLayout<sluice_reply>.size),
        .replyRing: Sizes(
            key: MemoryLayout<sluice_cell>.size, value: MemoryLayout<sluice_reply_key>.size),
        .ownAddresses: Sizes(key: MemoryLayout<sluice_own_key>.size, value: 4),
        .failSlow: Sizes(key: MemoryLayout<sluice_address_key>.size, value: 4),
        .foreignSources: Sizes(key: 4, value: 8),
        .canary: Sizes(key: 4, value: MemoryLayout<sluice_canary>.size),
        .counters: Sizes(key: 4, value: MemoryLayout<sluice_counters>.size),
        .eventDedup: Sizes(
            key: MemoryLayout<sluice_dedup_key>.size, value: MemoryLayout<sluice_dedup>.size),
        .events: Sizes(key: 0, value: 0),
        .eventDrops: Sizes(key: 4, value: MemoryLayout<sluice_drops>.size),
        .eventRate: Sizes(key: 4, value: MemoryLayout<sluice_rate>.size),
        .dnsNames: Sizes(key: MemoryLayout<sluice_name_key>.size, value: MemoryLayout<sluice_name>.size),
        .resolvers: Sizes(key: MemoryLayout<sluice_resolver_key>.size, value: 4),
        .dnsQueries: Sizes(
            key: MemoryLayout<sluice_query_key>.size, value: MemoryLayout<sluice_query>.size),
        .dnsAllowed: Sizes(
            key: MemoryLayout<sluice_learned_key>.size, value: MemoryLayout<sluice_learned>.size),
        .dnsSeen: Sizes(
            key: MemoryLayout<sluice_learned_key>.size, value: MemoryLayout<sluice_learned>.size),
        .queryRing: Sizes(key: MemoryLayout<sluice_cell>.size, value: MemoryLayout<sluice_query_key>.size),
        .allowedRing: Sizes(key: MemoryLayout<sluice_cell>.size, value: MemoryLayout<sluice_learned_key>.size),
        .seenRing: Sizes(key: MemoryLayout<sluice_cell>.size, value: MemoryLayout<sluice_learned_key>.size),
        .podShares: Sizes(key: 4, value: MemoryLayout<sluice_share>.size),
        .dnsStreams: Sizes(key: 4, value: MemoryLayout<sluice_stream>.size),
        .dnsEvents: Sizes(key: 0, value: 0),
        .dnsStats: Sizes(key: 4, value: 8),
    ]

    @Test("every map is as large as its structures") func everyMapIsAsLargeAsItsStructures() throws {
        try KernelFixture.with { fixture in
            try fixture.load()
            for map in DatapathMap.allCases {
                let info = try MapInfo(
                    Descriptor(
                        map: map, of: fixture.pins,
                        readOnly: ![.events, .dnsEvents, .verdicts, .dnsStreams].contains(map)),
                    map)
                let sizes = try #require(Self.sizes[map])
                #expect(Int(info.keySize) == sizes.key, "\(map)")
                #expect(Int(info.valueSize) == sizes.value, "\(map)")
                if map != .events && map != .dnsEvents {
                    let btf = try #require(btf__load_from_kernel_by_id(info.btfID), "\(map)")
                    defer { btf__free(btf) }
                    #expect(Int(btf__resolve_size(btf, info.btfKeyType)) == sizes.key, "\(map)")
                    #expect(Int(btf__resolve_size(btf, info.btfValueType)) == sizes.value, "\(map)")
                }
            }
        }
    }

    @Test("structures have no hidden tail") func structuresHaveNoHiddenTail() {
        #expect(MemoryLayout<sluice_address_key>.stride == MemoryLayout<sluice_address_key>.size)
        #expect(MemoryLayout<sluice_port_key>.stride == MemoryLayout<sluice_port_key>.size)
        #expect(MemoryLayout<sluice_event>.size == 112)
    }
}
