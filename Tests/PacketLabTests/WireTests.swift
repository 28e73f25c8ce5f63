import PacketLab
import PolicyModel
import Testing

@Suite(.serialized) struct WireTests {
    let lab: Lab
    let wire: Wire
    let pod: PodProcess

    init() throws {
        lab = try Lab()
        wire = try lab.wire()
        pod = try lab.start("pod", in: lab.cgroup("kubepods/pod"), wire.namespace)
        try wire.setAddresses(["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"].map(Self.address))
    }

    static func address(_ text: String) -> IPAddress { Endpoint(text, 0).address }

    static func isMulticast(_ address: IPAddress) -> Bool {
        address.high >> 56 == 0xff || address.ipv4.map { $0 >> 28 >= 14 } ?? false
    }

    /// Addresses from all over, special ones included; every protocol; sources chosen and not.
    static func probes(_ count: Int, seed: UInt64) -> [Probe] {
        var random = SplitMix(state: seed)
        let special = [
            "169.254.169.254", "fd00:ec2::254", "fe80::a9fe:a9fe", "224.0.0.251", "255.255.255.255",
            "ff02::fb", "64:ff9b::a9fe:a9fe", "169.254.255.254",
        ].map(address)
        let protocols: [IPProtocol] = [.tcp, .udp, .sctp, .icmp, IPProtocol(rawValue: 253)]
        return (0..<count).map { id in
            let destination: IPAddress
            switch random.next() % 8 {
            case 0: destination = special[Int(random.next() % UInt64(special.count))]
            case 1...4: destination = IPAddress(ipv4: 0x0b00_0000 + UInt32(random.next() % 0x6000_0000))
            default: destination = IPAddress(high: 0x2001_0db8 << 32, low: random.next())
            }
            let spoken = isMulticast(destination) ? .udp : protocols[Int(random.next() % UInt64(protocols.count))]
            let source =
                random.next() % 2 == 0
                ? nil : address(destination.isIPv4 ? "10.0.0.2" : "fd00::2")
            let port = spoken == .icmp || spoken.rawValue == 253 ? 0 : UInt16(1 + random.next() % 65_535)
            return Probe(id: id, to: destination, port: port, protocol: spoken, source: source)
        }
    }

    @Test("exactly the probes are seen", arguments: [ProbeBatch.Datagrams.unconnected, .connected, .shared])
    func exactlyTheProbesAreSeen(datagrams: ProbeBatch.Datagrams) throws {
        let probes = Self.probes(2000, seed: 1)
        let report = try wire.probe(pod, probes, datagrams: datagrams)
        #expect(report.outcomes.count == probes.count)
        let lost = report.outcomes.filter { $0.seen != .wire || $0.result != .ok }
        #expect(lost.isEmpty, "\(lost.prefix(5))")
        #expect(report.strangers.isEmpty, "\(report.strangers.prefix(5))")
        lab.close()
    }

    @Test("own addresses are seen on loopback") func ownAddressesAreSeenOnLoopback() throws {
        let own = Self.address("10.0.0.1")
        let probes = [IPProtocol.tcp, .udp, .sctp, .icmp].enumerated().map {
            Probe(id: $0, to: own, port: 80, protocol: $1)
        }
        let report = try wire.probe(pod, probes)
        #expect(report.outcomes.map(\.seen) == [.loopback, .loopback, .loopback, .loopback])
        #expect(report.strangers.isEmpty)
        lab.close()
    }

    @Test("hundreds of addresses come and go") func hundredsOfAddressesComeAndGo() throws {
        let many = (0..<500).map { IPAddress(ipv4: 0x0a40_0000 + $0) }
        try wire.setAddresses(many)
        let probe = Probe(id: 0, to: Self.address("8.8.8.8"), port: 53, protocol: .udp, source: many[499])
        #expect(try wire.probe(pod, [probe]).outcomes[0].seen == .wire)
        try wire.setAddresses(many.prefix(1))
        try wire.setAddresses([])
        try wire.setAddresses(many.prefix(1))
        let away = Probe(id: 1, to: many[7], port: 53, protocol: .udp)
        #expect(try wire.probe(pod, [away]).outcomes[0].seen == .wire)
        lab.close()
    }

    @Test("packets built by hand") func packetsBuiltByHand() throws {
        let from = Endpoint("10.0.0.1", 1000)
        let to = Endpoint("9.9.9.9", 53)
        let udp = PacketBytes.udp(from: from, to: to, payload: Array(repeating: 1, count: 24))
        _ = try wire.captured()
        try pod.demand(
            .sendPacket(
                PacketBytes.ipv4(
                    from: from.address, to: to.address, protocol: .udp, options: [1, 1, 1, 0], payload: udp)))
        try pod.demand(
            .sendPacket(
                PacketBytes.ipv4(
                    from: from.address, to: to.address, protocol: .udp, identification: 9, fragmentOffset: 16,
                    payload: Array(udp.dropFirst(16)))))
        let from6 = Endpoint("fd00::1", 1000)
        let to6 = Endpoint("2001:db8::1", 53)
        let udp6 = PacketBytes.udp(from: from6, to: to6, payload: [1])
        try pod.demand(
            .sendPacket(
                PacketBytes.ipv6(
                    from: from6.address, to: to6.address, nextHeader: IPProtocol(rawValue: 60),
                    payload: PacketBytes.destinationOptions(nextHeader: .udp) + udp6)))
        let seen = try wire.captured()
        try #require(seen.count == 3)
        #expect(seen.map(\.destination) == [to.address, to.address, to6.address])
        #expect(seen.map(\.protocol) == [.udp, .udp, .udp])
        #expect(seen.map(\.destinationPort) == [53, nil, 53])
        #expect(seen.map(\.isFragment) == [false, true, false])
        lab.close()
    }

    @Test("socket options shape packets") func socketOptionsShapePackets() throws {
        let to = Endpoint("9.9.9.9", 53)
        _ = try wire.captured()
        let socket = try pod.open(.udp4, .ipOptions([1, 1, 1, 0]))
        try pod.demand(.bind(socket, Endpoint("10.0.0.2", 700)))
        try pod.demand(.sendTo(socket, to, bytes: [0, 9], fastOpen: false))
        let fast = try pod.open(.tcp4)
        try pod.demand(.sendTo(fast, to, bytes: [1, 2, 3], fastOpen: true))
        let seen = try wire.captured()
        // 24 bytes of header with the options, 8 of UDP, 2 of data.
        #expect(seen.first?.length == 34)
        #expect(seen.first?.source == Self.address("10.0.0.2"))
        #expect(seen.first?.sourcePort == 700)
        #expect(seen.first?.tag == 9)
        #expect(seen.dropFirst().allSatisfy { $0.protocol == .tcp && $0.tcpFlags == .syn })
        #expect(seen.count >= 2)
        lab.close()
    }

    @Test("probes per second") func probesPerSecond() throws {
        let mixed = Self.probes(20_000, seed: 2)
        for number in [nil, IPProtocol.tcp, .udp, .sctp, .icmp] {
            var probes = mixed
            for index in probes.indices {
                probes[index].protocol = number ?? probes[index].protocol
                probes[index].to.port = max(1, probes[index].to.port)
            }
            if number != nil { probes.removeAll { Self.isMulticast($0.to.address) } }
            var report: ProbeReport?
            let time = try ContinuousClock().measure { report = try wire.probe(pod, probes) }
            #expect(report?.outcomes.allSatisfy(\.passed) == true)
            let rate = Int(Double(probes.count) / (time / .seconds(1)))
            print("probes per second, protocol \(number.map { "\($0.rawValue)" } ?? "mixed"): \(rate)")
        }
        lab.close()
    }
}

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
