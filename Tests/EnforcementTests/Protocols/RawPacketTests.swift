import PacketLab
import PolicyModel
import Testing

/// Packets built by hand and sent by IP_HDRINCL and IPV6_HDRINCL.
@Suite(.serialized) struct RawPacketTests {
    private let own = Endpoint("10.9.0.1", 1000)
    private let own6 = Endpoint("fd09::1", 1000)

    private func udp(_ to: Endpoint, from: Endpoint? = nil, size: Int = 8) -> [UInt8] {
        PacketBytes.udp(
            from: from ?? (to.address.isIPv4 ? own : own6), to: to, payload: Array(repeating: 1, count: size))
    }

    private func ipv4(
        _ to: Endpoint, from: Endpoint? = nil, options: [UInt8] = [], offset: Int = 0, more: Bool = false
    ) -> [UInt8] {
        let from = from ?? own
        return PacketBytes.ipv4(
            from: from.address, to: to.address, protocol: .udp, options: options, identification: 7,
            fragmentOffset: offset, moreFragments: more, payload: udp(to, from: from, size: 24))
    }

    private func ipv6(_ to: Endpoint, first: IPProtocol, headers: [UInt8]) -> [UInt8] {
        PacketBytes.ipv6(
            from: own6.address, to: to.address, nextHeader: first, payload: headers + udp(to))
    }

    @Test("packets with their own header are judged by it") func packetsWithTheirOwnHeaderAreJudgedByIt() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let tcp = [Endpoint("10.9.0.2", 80), Endpoint("10.9.0.2", 81), Endpoint("10.9.0.4", 80)].map {
            PacketBytes.ipv4(
                from: own.address, to: $0.address, protocol: .tcp,
                payload: PacketBytes.tcp(from: own, to: $0, flags: .syn))
        }
        #expect(try pod.sendPackets(tcp).map(\.destinationPort) == [80])
        let udp = [53, 54].map { ipv4(Endpoint("10.9.0.2", $0)) } + [ipv4(Endpoint("10.9.0.4", 53))]
        #expect(try pod.sendPackets(udp).map(\.destinationPort) == [53])
        let udp6 = ["fd09::2", "fd09::4"].map { ipv6(Endpoint($0, 53), first: .udp, headers: []) }
        #expect(try pod.sendPackets(udp6).map(\.destination) == [address("fd09::2")])
    }

    @Test("flags of a raw segment are no way round") func flagsOfARawSegmentAreNoWayRound() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        try pod.process.serveEcho(.tcp4, at: Endpoint("0.0.0.0", 1000))
        let to = Endpoint("10.9.0.4", 80)
        for flags in [TCPFlags.ack, [.syn, .ack], .reset, [.fin, .ack]] {
            let packet = PacketBytes.ipv4(
                from: own.address, to: to.address, protocol: .tcp,
                payload: PacketBytes.tcp(from: own, to: to, flags: flags))
            #expect(try pod.sendPackets([packet]).isEmpty)
        }
    }

    @Test("a spoofed source changes nothing") func aSpoofedSourceChangesNothing() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        for source in ["10.9.0.4", "10.77.0.1", "127.0.0.1", "10.9.0.3"].map({ Endpoint($0, 53) }) {
            let packets = [ipv4(Endpoint("10.9.0.4", 53), from: source), ipv4(Endpoint("10.9.0.2", 54), from: source)]
            #expect(try pod.sendPackets(packets).isEmpty, "\(source)")
        }
    }

    @Test("fragments without ports pass by allow all alone") func fragmentsWithoutPortsPassByAllowAllAlone() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let later = ["10.9.0.2", "10.9.0.3", "10.9.0.4"].map { ipv4(Endpoint($0, 53), offset: 64) }
        #expect(try pod.sendPackets(later).map(\.destination) == [address("10.9.0.3")])
        let first = ["10.9.0.2", "10.9.0.4"].map { ipv4(Endpoint($0, 53), more: true) }
        #expect(try pod.sendPackets(first).map(\.destination) == [address("10.9.0.2")])
        // A first fragment that ends before the port.
        let short = ["10.9.0.2", "10.9.0.3"].map {
            PacketBytes.ipv4(
                from: own.address, to: address($0), protocol: .udp, moreFragments: true, payload: [0, 9])
        }
        #expect(try pod.sendPackets(short).map(\.destination) == [address("10.9.0.3")])
    }

    @Test("options do not hide ports") func optionsDoNotHidePorts() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let router: [UInt8] = [148, 4, 0, 0]
        for options in [[1, 1, 1, 1], router, [1, 1, 1, 0], router + [1, 1, 1, 1] + router] {
            let packets = [(2, 53), (2, 54), (4, 53), (3, 54)].map {
                ipv4(Endpoint("10.9.0.\($0)", UInt16($1)), options: options)
            }
            #expect(try pod.sendPackets(packets).map(\.destinationPort) == [53, 54], "\(options)")
        }
        // The same through IP_OPTIONS.
        let wire = try #require(pod.wire)
        _ = try wire.captured()
        let socket = try pod.process.open(.udp4, .ipOptions(router))
        for port: UInt16 in [53, 54] {
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.2", port), bytes: [1], fastOpen: false))
        }
        #expect(try wire.captured().map(\.destinationPort) == [53])
    }

    @Test("source routes are refused") func sourceRoutesAreRefused() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let hop: [UInt8] = [10, 9, 0, 4]
        for kind: UInt8 in [131, 137] {
            for options in [
                [kind, 7, 4] + hop + [0], [1, kind, 7, 4] + hop, [7, 7, 4, 0, 0, 0, 0, 1, kind, 7, 4] + hop + [0],
            ] {
                #expect(try pod.sendPackets([ipv4(Endpoint("10.9.0.3", 80), options: options)]).isEmpty)
            }
            let wire = try #require(pod.wire)
            let socket = try pod.process.open(.udp4)
            // A kernel may refuse the option (net.ipv4.conf.*.accept_source_route has no say here).
            guard try pod.process.run(.setOption(socket, .ipOptions([kind, 7, 4] + hop + [0]))).isOK else { continue }
            _ = try wire.captured()
            _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.3", 53), bytes: [1], fastOpen: false))
            #expect(try wire.captured().isEmpty)
        }
    }

    @Test("extension headers do not hide ports") func extensionHeadersDoNotHidePorts() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let padding: [UInt8] = [17, 0, 1, 4, 0, 0, 0, 0]
        let fragment = PacketBytes.fragmentHeader(nextHeader: .udp, offset: 0, more: true, identification: 9)
        let both = PacketBytes.destinationOptions(nextHeader: .ipv6Options) + padding
        for (first, headers) in [
            (IPProtocol.ipv6HopByHop, padding), (.ipv6Options, padding), (.ipv6Fragment, fragment),
            (.ipv6HopByHop, both),
        ] {
            let packets = [("fd09::2", 53), ("fd09::2", 54), ("fd09::4", 53), ("fd09::3", 54)].map {
                ipv6(Endpoint($0, UInt16($1)), first: first, headers: headers)
            }
            #expect(try pod.sendPackets(packets).map(\.destinationPort) == [53, 54], "\(first)")
        }
    }

    @Test("fragments of IPv6 without ports pass by allow all alone")
    func fragmentsOfIPv6WithoutPortsPassByAllowAllAlone() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let later = PacketBytes.fragmentHeader(nextHeader: .udp, offset: 64, more: false, identification: 9)
        let packets = ["fd09::2", "fd09::3", "fd09::4"].map {
            ipv6(Endpoint($0, 53), first: .ipv6Fragment, headers: later)
        }
        #expect(try pod.sendPackets(packets).map(\.destination) == [address("fd09::3")])
    }

    @Test("headers without end are refused") func headersWithoutEndAreRefused() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        let many = Array(repeating: PacketBytes.destinationOptions(nextHeader: .ipv6Options), count: 9)
            .flatMap { $0 }
        let route: [UInt8] = [17, 2, 4, 1, 0, 0, 0, 0] + address("fd09::4").bytes
        for last in [
            PacketBytes.destinationOptions(nextHeader: .udp),
            PacketBytes.destinationOptions(nextHeader: .ipv6Routing) + route,
        ] {
            #expect(
                try pod.sendPackets([
                    ipv6(Endpoint("fd09::3", 53), first: .ipv6Options, headers: many + last)
                ]).isEmpty)
        }
    }

    @Test("routing headers are refused") func routingHeadersAreRefused() throws {
        let (node, pod) = try Scene.onWire()
        defer { node.close() }
        for kind: UInt8 in [0, 2, 4] {
            let header: [UInt8] = [17, 2, kind, 1, 0, 0, 0, 0] + address("fd09::4").bytes
            let hidden = PacketBytes.destinationOptions(nextHeader: .ipv6Routing) + header
            #expect(
                try pod.sendPackets([
                    ipv6(Endpoint("fd09::3", 53), first: .ipv6Routing, headers: header),
                    ipv6(Endpoint("fd09::3", 53), first: .ipv6Options, headers: hidden),
                ]).isEmpty)
        }
    }
}
