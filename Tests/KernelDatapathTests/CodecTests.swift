import CSluice
import KernelDatapath
import PolicyModel
import Testing
import VerdictTables

/// Golden bytes of every key and value, little-endian but for the network's own.
@Suite struct CodecTests {
    func bytes<Raw>(_ raw: Raw) -> [UInt8] { withUnsafeBytes(of: raw) { Array($0) } }
    func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

    @Test("addresses are encoded as these bytes") func addresses() throws {
        let prefix = try #require(Prefix("10.1.2.0/24"))
        let key = AddressCodec.encode(key: prefix)
        #expect(bytes(key) == [120, 0, 0, 0] + mapped + [10, 1, 2, 0])
        #expect(AddressCodec.decode(key: key) == prefix)
        let ipv6 = AddressCodec.encode(key: try #require(Prefix("fd00:1::2/128")))
        #expect(bytes(ipv6) == [128, 0, 0, 0, 0xfd, 0, 0, 1] + zeros(11) + [2])
        #expect(
            bytes(AddressCodec.encode(value: AddressClassID(rawValue: 0x0102)))
                == [2, 1, 0, 0, 0, 0, 0, 0])
        var strange = key
        strange.address.15 = 1
        #expect(AddressCodec.decode(key: strange) == nil, "a host bit is set")
        strange.prefixlen = 129
        #expect(AddressCodec.decode(key: strange) == nil)
    }

    @Test("rules are encoded as these bytes") func rules() {
        let key = RuleKey(PolicySetID(rawValue: 1), AddressClassID(rawValue: 0xff00))
        #expect(bytes(RuleCodec.encode(key: key)) == [1] + zeros(7) + [0, 0xff] + zeros(6))
        let always = Rule.always(Decision(.guard, CauseID(rawValue: 9)))
        #expect(
            bytes(RuleCodec.encode(value: always)) == [2] + zeros(7) + zeros(8) + [9] + zeros(7))
        let named = Rule.always(
            Decision(.deny, CauseID(rawValue: 9), dnsPrecedence: Precedence(admin: 0x0102, grace: 3)))
        #expect(
            bytes(RuleCodec.encode(value: named)) == zeros(4) + [2, 1, 3, 0] + zeros(8) + [9] + zeros(7))
        let byPort = Rule.byPort(PortSetID(rawValue: 5), otherwise: CauseID(rawValue: 7))
        #expect(
            bytes(RuleCodec.encode(value: byPort))
                == [3] + zeros(7) + [5] + zeros(7) + [7] + zeros(7))
        let noName = Rule.byPort(PortSetID(rawValue: 5), otherwise: .none, dnsPrecedence: .noName)
        #expect(
            bytes(RuleCodec.encode(value: noName))
                == [3, 0, 0, 0, 0xff, 0xff, 0, 0, 5] + zeros(7) + zeros(8))
        for rule in [always, named, byPort, noName] {
            #expect(RuleCodec.decode(value: RuleCodec.encode(value: rule)) == rule)
        }
        #expect(
            RuleCodec.decode(value: sluice_rule(action: 6, names: sluice_precedence(), port_set: 0, cause: 0)) == nil)
        let name = RuleKey(PolicySetID(rawValue: 1), .derived(from: 0xff00), privateAnswer: false)
        #expect(bytes(RuleCodec.encode(key: name)) == [1] + zeros(7) + [0, 0xff] + zeros(5) + [0x40])
        let privately = RuleKey(PolicySetID(rawValue: 1), .derived(from: 0xff00), privateAnswer: true)
        #expect(bytes(RuleCodec.encode(key: privately)) == [1] + zeros(7) + [0, 0xff] + zeros(5) + [0xc0])
    }

    @Test("names are encoded as these bytes") func names() throws {
        let exact = NamePrefix(try #require(DomainPattern("API.example.com.")))
        let key = NameCodec.encode(key: exact)
        #expect(bytes(key) == [128, 0, 0, 0] + Array("moc.elpmaxe.ipa".utf8) + zeros(241))
        #expect(NameCodec.decode(key: key) == exact)
        let below = NamePrefix(try #require(DomainPattern("*.example.com")))
        let wide = NameCodec.encode(key: below)
        #expect(bytes(wide) == [96, 0, 0, 0] + Array("moc.elpmaxe.".utf8) + zeros(244))
        #expect(NameCodec.decode(key: wide) == below)
        let longest = [63, 63, 63, 61].map { String(repeating: "a", count: $0) }.joined(separator: ".")
        let full = NameCodec.encode(key: NamePrefix(try #require(DomainPattern(longest))))
        #expect(full.prefixlen == 254 * 8 && NameCodec.decode(key: full)?.description == longest)

        let value = NameClassID.derived(from: 0x0102)
        #expect(bytes(NameCodec.encode(value: value)) == [2, 1, 0, 0, 0, 0, 0, 0x40])
        #expect(NameCodec.decode(value: NameCodec.encode(value: value)) == value)
        for strange: UInt64 in [0x0102, 0x8000_0000_0000_0000, 0xc000_0000_0000_0000, 0] {
            #expect(NameCodec.decode(value: sluice_name(name_class: strange)) == nil, "\(strange)")
        }
        var strange = wide
        strange.prefixlen = 95
        #expect(NameCodec.decode(key: strange) == nil, "half a character")
        strange.prefixlen = 88
        #expect(NameCodec.decode(key: strange) == nil, "more text than the prefix covers")
        strange.prefixlen = 2056
        #expect(NameCodec.decode(key: strange) == nil)
    }

    @Test("ports are encoded as these bytes") func ports() {
        let portSet = PortSetID(rawValue: 0x1_0000_0002)
        let set: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0]
        let cases: [(PortPrefix, [UInt8])] = [
            (.everything, [64, 0, 0, 0] + set + [0, 0, 0, 0]),
            (PortPrefix(protocol: 6), [80, 0, 0, 0] + set + [6, 0, 0, 0]),
            (PortPrefix(protocol: 17, port: 0x1234), [96, 0, 0, 0] + set + [17, 0, 0x12, 0x34]),
            (PortPrefix(bits: 6 << 16 | 0x8000, length: 9), [81, 0, 0, 0] + set + [6, 0, 0x80, 0]),
        ]
        for (prefix, expected) in cases {
            let key = PortKey(portSet, prefix)
            let raw = PortCodec.encode(key: key)
            #expect(bytes(raw) == expected)
            #expect(PortCodec.decode(key: raw) == key)
        }
        #expect(PortCodec.decode(key: sluice_port_key()) == nil)
        let value = Decision(.allow, CauseID(rawValue: 3))
        #expect(bytes(PortCodec.encode(value: value)) == [1] + zeros(7) + [3] + zeros(7))
        let named = Decision(.deny, .none, dnsPrecedence: Precedence(admin: 5, grace: 0x0102))
        #expect(bytes(PortCodec.encode(value: named)) == zeros(4) + [5, 0, 2, 1] + zeros(8))
        for decision in [value, named] {
            #expect(PortCodec.decode(value: PortCodec.encode(value: decision)) == decision)
        }
        #expect(PortCodec.decode(value: sluice_port(action: 3, names: sluice_precedence(), cause: 0)) == nil)
    }

    @Test("pods are encoded as these bytes") func pods() throws {
        let pod = PodEntry(
            policySet: PolicySetID(rawValue: 4), flags: [.audit, .failSlow],
            ownIPv4: IPAddress("10.0.0.9"), ownIPv6: IPAddress("fd00::9"), slot: 0x0102)
        let raw = PodCodec.encode(value: pod)
        #expect(
            bytes(raw)
                == [4] + zeros(15) + [5, 0, 0, 0, 2, 1, 0, 0] + mapped + [10, 0, 0, 9] + [0xfd]
                + zeros(14) + [9])
        #expect(PodCodec.decode(value: raw) == pod)
        #expect(bytes(PodCodec.encode(key: CgroupID(rawValue: 258))) == [2, 1] + zeros(6))
        let plain = PodEntry(policySet: .guardsOnly, flags: [])
        #expect(bytes(PodCodec.encode(value: plain)) == [1] + zeros(55))
        var inbound = raw
        inbound.policy_set.1 = 1
        #expect(PodCodec.decode(value: inbound) == nil)
    }

    @Test("the configuration is encoded as these bytes") func config() {
        var settings = NodeSettings(
            flags: [.failFast], posture: .hold, replyWindow: 0x0a0b, levels: [2, 4, 3])
        settings.reporting.allowedSampling = 0x0c0d
        settings.reporting.repeatWindow = 0x0e0f
        settings.reporting.eventsPerSecond = 0x1011
        settings.nameLifetime.floor = 0x1213
        settings.nameLifetime.ceiling = 0x1415
        settings.nameLifetime.grace = 0x1617
        let config = NodeConfig(layout: 2, generation: 7, settings: settings)
        let raw = ConfigCodec.encode(value: config)
        #expect(
            bytes(raw)
                == [2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0x0b, 0x0a] + zeros(6)
                + [3, 0, 0, 0, 0x0d, 0x0c, 0, 0, 4, 3, 2] + zeros(5)
                + [0x0f, 0x0e] + zeros(6) + [0x11, 0x10, 0, 0, 0x13, 0x12, 0, 0, 0x15, 0x14, 0, 0]
                + [0x17, 0x16, 0, 0])
        #expect(ConfigCodec.decode(value: raw) == config)
        #expect(ConfigCodec.decode(value: sluice_config()) == nil, "never written")
    }

    @Test("replies are encoded as these bytes") func replies() throws {
        let tuple = ReplyTuple(
            pod: CgroupID(rawValue: 6), remote: try #require(IPAddress("192.0.2.1")),
            remotePort: 0x0102, localPort: 53, protocolNumber: 17)
        let raw = ReplyCodec.encode(key: tuple)
        #expect(
            bytes(raw) == [6] + zeros(7) + mapped + [192, 0, 2, 1, 1, 2, 0, 53, 17, 0, 0, 0])
        #expect(ReplyCodec.decode(key: raw) == tuple)
        let mark = ReplyMark(seen: 3, direction: .inbound, socket: 9, namespace: 8, cell: 0x0102)
        let rawMark = ReplyCodec.encode(value: mark)
        #expect(
            bytes(rawMark) == [3] + zeros(7) + [9] + zeros(7) + [8] + zeros(7) + [1, 0, 2, 1] + zeros(4))
        #expect(ReplyCodec.decode(value: rawMark) == mark)
        #expect(
            bytes(ReplyCellCodec.encode(key: ReplyCell(slot: 2, index: 0x0103))) == [2, 0, 0, 0, 3, 1, 0, 0])
    }

    @Test("counters are decoded from these bytes") func counters() {
        var raw = sluice_counters()
        raw.verdict.0 = sluice_count(packets: 1, bytes: 2, flows: 9)
        raw.verdict.1 = sluice_count(packets: 3, bytes: 4, flows: 10)
        raw.verdict.2 = sluice_count(packets: 5, bytes: 6, flows: 11)
        raw.verdict.3 = sluice_count(packets: 7, bytes: 8, flows: 12)
        let counters = FlowCounters(raw)
        #expect(counters.denied == .init(packets: 1, bytes: 2, flows: 9))
        #expect(counters.allowed == .init(packets: 3, bytes: 4, flows: 10))
        #expect(counters.audit == .init(packets: 5, bytes: 6, flows: 11))
        #expect(counters.held == .init(packets: 7, bytes: 8, flows: 12))
    }

    @Test("events are decoded from these bytes") func events() throws {
        var raw = sluice_event()
        raw.time_ns = 1
        raw.pod = 2
        raw.address.10 = 0xff
        raw.address.11 = 0xff
        raw.address.12 = 8
        raw.port = 443
        raw.protocol = 6
        raw.verdict = 2
        raw.guard = 1
        raw.hook = 1
        raw.pid = 77
        raw.count = 3
        raw.comm.0 = CChar(0x63).magnitude
        let event = try #require(FlowEvent(raw))
        #expect(event.destination == IPAddress("8.0.0.0"))
        #expect(event.port == 443 && event.verdict == .audit && event.hook == .connect)
        #expect(event.guarded && event.process == 77 && event.command == "c" && event.count == 3)
        raw.comm.1 = 0x0a
        raw.comm.2 = 0x1b
        raw.comm.3 = 0xff
        #expect(try #require(FlowEvent(raw)).command == "c???")
        raw.verdict = 4
        #expect(FlowEvent(raw) == nil)
        raw.verdict = 0
        raw.hook = 3
        #expect(FlowEvent(raw) == nil)
    }
}
