import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// A pod speaks in its own name. `D` is a destination that policy denies, or a guarded one.
@Suite(.serialized) struct OwnNameTests {
    private static let egress = """
        [\(Manifest.rule("10.9.0.3/32", "fd09::3/128", "224.0.0.0/4", "255.255.255.255/32", "ff02::/16"))]
        """

    private func scene(config: String = "") throws -> (EnforcedNode, EnforcedPod) {
        let node = try EnforcedNode("--no-fail-fast", config: config)
        let pod = try node.wirePod()
        try node.policy(egress: Self.egress)
        try node.start()
        return (node, pod)
    }

    // linux/in.h, linux/in6.h
    private static let transparent = SocketOption(level: Int32(IPPROTO_IP), name: 19, 1)
    private static let transparent6 = SocketOption(level: Int32(IPPROTO_IPV6), name: 75, 1)
    private static let freeBind6 = SocketOption(level: Int32(IPPROTO_IPV6), name: 78, 1)
    private static let eth0 = SocketOption(level: SOL_SOCKET, name: SO_BINDTODEVICE, value: Array("eth0".utf8))
    /// IP_ADD_MEMBERSHIP of 224.0.0.251 at 10.9.0.1.
    private static let joins = SocketOption(
        level: Int32(IPPROTO_IP), name: IP_ADD_MEMBERSHIP, value: [224, 0, 0, 251, 10, 9, 0, 1])

    private func raw(_ pod: EnforcedPod, _ options: SocketOption...) throws -> SocketID {
        let socket = try pod.process.open(SocketKind(.ipv4, .raw(IPProtocol(rawValue: 255))))
        for option in options { try pod.process.demand(.setOption(socket, option)) }
        return socket
    }

    private func send(_ pod: EnforcedPod, _ socket: SocketID, _ packet: [UInt8], to: String) throws -> ErrnoName {
        try pod.process.run(.sendTo(socket, Endpoint(to, 0), bytes: packet, fastOpen: false)).result
    }

    private func udp(_ from: Endpoint, _ to: Endpoint) -> [UInt8] {
        PacketBytes.ipv4(
            from: from.address, to: to.address, protocol: .udp,
            payload: PacketBytes.udp(from: from, to: to, payload: [1]))
    }

    private func syn(_ from: Endpoint, _ to: Endpoint) -> [UInt8] {
        let segment = PacketBytes.tcp(from: from, to: to, flags: .syn)
        return to.address.isIPv4
            ? PacketBytes.ipv4(from: from.address, to: to.address, protocol: .tcp, payload: segment)
            : PacketBytes.ipv6(from: from.address, to: to.address, nextHeader: .tcp, payload: segment)
    }

    @Test("A1: the kernel's copies of what was sent to a group or to everybody permit nothing")
    func loopedCopies() throws {
        let (node, pod) = try scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        let ear = try pod.process.open(.udp4, .reuseAddress, .broadcast)
        try pod.process.demand(.bind(ear, Endpoint("0.0.0.0", 5353)))
        try pod.process.demand(.setOption(ear, Self.joins))
        let mouth = try raw(pod, .broadcast, Self.eth0)
        for peer in ["10.9.0.4", "169.254.169.254", "192.0.2.7"].map({ Endpoint($0, 4000) }) {
            for group in ["224.0.0.251", "255.255.255.255"] {
                _ = try wire.captured()
                let result = try send(pod, mouth, udp(peer, Endpoint(group, 5353)), to: group)
                // The copy was heard, the packet itself did not leave.
                #expect(try pod.process.run(.receive(ear, timeoutMs: 1000)).peer == peer, "\(group)")
                #expect(result == .notPermitted)
                #expect(
                    try pod.process.run(.sendTo(ear, peer, bytes: [2], fastOpen: false)).result == .notPermitted)
                // But for the kernel's own report that the group has a member (IGMP), which comes when it likes.
                #expect(try wire.captured().filter { $0.protocol.rawValue != 2 } == [])
            }
        }
        _ = try node.awaitLog("the packet's source is no address of the pod's own")
        #expect(try ForeignSourceCounters(pins: node.pins).read().refused >= 6)
    }

    @Test("A2: a socket bound to another's address by FREEBIND or TRANSPARENT sends nothing")
    func freelyBound() throws {
        let (node, pod) = try scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        let group = SocketOption(level: Int32(IPPROTO_IPV6), name: IPV6_MULTICAST_IF, 2)
        for peer in ["fd00:ec2::254", "fd09::4"].map({ Endpoint($0, 53) }) {
            for free in [Self.freeBind6, Self.transparent6] {
                let socket = try pod.process.open(.udp6, free)
                try pod.process.demand(.bind(socket, peer))
                _ = try pod.process.run(.setOption(socket, group))
                _ = try wire.captured()
                for to in [Endpoint("ff02::fb", 5353), Endpoint("fd09::3", 53)] {
                    _ = try pod.process.run(.sendTo(socket, to, bytes: [1], fastOpen: false))
                }
                #expect(try wire.captured().isEmpty)
                try pod.process.demand(.close(socket))
            }
        }
        // What no socket can bind to: its own IPv4 address in an IPv6 header.
        for from in ["10.9.0.1", "fd09::1"] {
            let to = Endpoint("fd09::3", 53)
            let datagram = PacketBytes.udp(from: Endpoint(from, 1000), to: to, payload: [1])
            _ = try pod.process.run(
                .sendPacket(PacketBytes.ipv6(from: address(from), to: to.address, nextHeader: .udp, payload: datagram)))
        }
        #expect(try wire.captured().map(\.source) == [address("fd09::1")])
        let socket = try pod.process.open(.udp4, Self.transparent)
        try pod.process.demand(.bind(socket, Endpoint("10.9.0.4", 53)))
        _ = try wire.captured()
        _ = try pod.process.run(.sendTo(socket, Endpoint("10.9.0.3", 53), bytes: [1], fastOpen: false))
        #expect(try wire.captured().isEmpty)
        // Its own name opens what it always did, and no other for the socket's next packet.
        let raw = try raw(pod)
        let to = Endpoint("10.9.0.3", 53)
        for from in ["10.9.0.1", "10.9.0.4", "10.9.0.1"] {
            _ = try send(pod, raw, udp(Endpoint(from, 1000), to), to: "10.9.0.3")
        }
        #expect(try wire.captured().map(\.source) == [address("10.9.0.1"), address("10.9.0.1")])
    }

    @Test("A4: what is sent to an own address by another interface than loopback is judged, and by its source")
    func ownAddressOutside() throws {
        let (node, pod) = try scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        let mouth = try raw(pod, Self.eth0)
        let own = Endpoint("10.9.0.1", 5353)
        _ = try wire.captured()
        for from in ["10.9.0.4", "10.9.0.1", "169.254.169.254", "127.0.0.1"] {
            _ = try send(pod, mouth, udp(Endpoint(from, 4000), own), to: "10.9.0.3")
        }
        #expect(try wire.captured().isEmpty)
    }

    @Test("A5, A6: the kernel answers nobody in whose name the pod spoke to itself")
    func reflexes() throws {
        let (node, pod) = try scene()
        defer { node.close() }
        let wire = try #require(pod.wire)
        try pod.process.serveEcho(.tcp6, at: Endpoint("::", 80), .ipv6Only(false))
        _ = try wire.captured()
        for (peer, own) in [("10.9.0.4", "10.9.0.1"), ("169.254.169.254", "127.0.0.1"), ("192.0.2.7", "10.9.0.1")] {
            let echo = PacketBytes.ipv4(
                from: address(peer), to: address(own), protocol: .icmp,
                payload: PacketBytes.echoRequest(ipv4: true, identifier: 7))
            _ = try pod.process.run(.sendPacket(echo))
            // A closed port, and a listener.
            _ = try pod.process.run(.sendPacket(udp(Endpoint(peer, 4000), Endpoint(own, 9))))
            _ = try pod.process.run(.sendPacket(syn(Endpoint(peer, 4000), Endpoint(own, 80))))
            _ = try pod.process.run(.sendPacket(syn(Endpoint(peer, 4000), Endpoint(own, 9))))
            let stream = try pod.process.open(.tcp4, Self.transparent)
            try pod.process.demand(.bind(stream, Endpoint(peer, 4001)))
            _ = try pod.process.run(.connect(stream, to: Endpoint(own, 80), timeoutMs: 0))
        }
        for peer in ["fd09::4", "fd00:ec2::254"] {
            _ = try pod.process.run(.sendPacket(syn(Endpoint(peer, 4000), Endpoint("fd09::1", 80))))
            for (offset, kind) in [SocketKind.udp6, .tcp6, .ping6].enumerated() {
                let socket = try pod.process.open(kind, Self.freeBind6)
                try pod.process.demand(
                    .bind(socket, Endpoint(peer, kind.transport == .ping ? 0 : UInt16(4002 + offset))))
                for to in ["fd09::1", "::1", "ff02::1"] {
                    let port: UInt16 = kind.transport == .tcp ? 80 : kind.transport == .udp ? 9 : 0
                    if kind.transport == .tcp {
                        _ = try pod.process.run(.connect(socket, to: Endpoint(to, port), timeoutMs: 0))
                    } else {
                        let bytes =
                            kind.transport == .ping
                            ? PacketBytes.echoRequest(ipv4: false, identifier: 7) : [1]
                        _ = try pod.process.run(.sendTo(socket, Endpoint(to, port), bytes: bytes, fastOpen: false))
                    }
                }
            }
        }
        #expect(try wire.captured().isEmpty)
        // In its own name it reaches itself as ever.
        #expect(try pod.tcp(Endpoint("10.9.0.1", 80)) == .ok)
        #expect(try pod.process.ping(address("10.9.0.1")).isOK)
    }

    @Test("A: the addresses of interfaces that the API does not know are the pod's own")
    func furtherAddresses() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        let pod = try node.wirePod()
        let wire = try #require(pod.wire)
        try wire.setAddresses(["10.9.0.1", "fd09::1", "10.44.0.1", "fd44::1"].map { address($0) })
        try node.policy(egress: Self.egress)
        try node.start()
        for from in ["10.44.0.1", "fd44::1"] {
            let socket = try pod.process.open(from.contains(":") ? .udp6 : .udp4)
            try pod.process.demand(.bind(socket, Endpoint(from, 1000)))
            let to = from.contains(":") ? "fd09::3" : "10.9.0.3"
            _ = try wire.captured()
            _ = try pod.process.run(.sendTo(socket, Endpoint(to, 53), bytes: [1], fastOpen: false))
            #expect(try wire.captured().map(\.source) == [address(from)])
        }
        // One that goes is its own no longer, and one that comes is.
        try wire.setAddresses(["10.9.0.1", "fd09::1", "10.45.0.1"].map { address($0) })
        let mouth = try raw(pod)
        func leaves(_ from: String) throws -> Bool {
            _ = try wire.captured()
            _ = try send(pod, mouth, udp(Endpoint(from, 1000), Endpoint("10.9.0.3", 53)), to: "10.9.0.3")
            return try !wire.captured().isEmpty
        }
        try node.waitUntil("the address that has come") { try leaves("10.45.0.1") }
        #expect(try !leaves("10.44.0.1"))
    }

    @Test("A: audit tells and lets pass, an exemption and off say nothing")
    func modes() throws {
        for (config, told) in [
            ("guards: {sources: {mode: audit}}\n", true),
            ("guards: {sources: {exempt: [{namespace: default}]}}\n", false),
            ("guards: {sources: {mode: 'off'}}\n", false),
        ] {
            let (node, pod) = try scene(config: config)
            defer { node.close() }
            let wire = try #require(pod.wire)
            let mouth = try raw(pod)
            _ = try wire.captured()
            for to in ["10.9.0.3", "10.9.0.4"] {
                _ = try send(pod, mouth, udp(Endpoint("10.9.0.4", 1000), Endpoint(to, 53)), to: to)
            }
            #expect(try wire.captured().map(\.destination) == [address("10.9.0.3")], "\(config)")
            let counted = try ForeignSourceCounters(pins: node.pins).read()
            #expect(counted.refused == 0 && (counted.audited > 0) == told)
            if told { _ = try node.awaitLog("AUDIT", "the packet's source is no address of the pod's own") }
        }
    }

    @Test("A: nobody speaks in a guard's name, a pod that is not known yet neither")
    func unknownPods() throws {
        let node = try EnforcedNode("--no-fail-fast")
        defer { node.close() }
        try node.start()
        let wire = try node.lab.wire("stranger")
        try wire.setAddresses([address("10.9.0.1")])
        let stranger = try node.stranger("unknown", on: wire.namespace)
        let hostPod = try node.wirePod("host", hostNetwork: true)
        try node.settle()
        for (pod, wire) in [(stranger, wire), (hostPod, try #require(hostPod.wire))] {
            _ = try wire.captured()
            for from in ["169.254.169.254", "10.9.0.1"] {
                let echo = PacketBytes.ipv4(
                    from: address(from), to: address("10.9.0.1"), protocol: .icmp,
                    payload: PacketBytes.echoRequest(ipv4: true, identifier: 7))
                _ = try pod.process.run(.sendPacket(echo))
                _ = try pod.process.run(.sendPacket(udp(Endpoint(from, 1), Endpoint("10.9.0.3", 53))))
            }
            #expect(try wire.captured().map(\.source) == [address("10.9.0.1")], "\(pod.manifest?.name ?? "unknown")")
        }
    }
}
