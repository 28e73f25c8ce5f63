import Glibc
import PacketLab
import PolicyModel
import TestHarness

/// What a hostile process in a pod may send: packets built by hand, and sockets with whatever options need no more
/// than a container's default capabilities. Everything random comes from the generator that is given.
struct HostilePackets {
    /// All addresses of the pod's own.
    let own: [IPAddress]
    /// Where it may send.
    let allowed: [IPAddress]

    /// Denied destinations, guarded ones, groups, everybody, and addresses that are nobody's.
    private static let others = [
        "10.9.0.4", "10.9.0.5", "169.254.169.254", "100.100.100.200", "192.0.2.7", "8.8.8.8", "224.0.0.251",
        "224.0.0.1",
        "239.1.2.3", "255.255.255.255", "10.9.0.255", "127.0.0.1", "127.9.9.9", "0.0.0.0", "240.0.0.1",
        "fd09::4", "fd00:ec2::254", "2001:db8::7", "ff02::1", "ff02::fb", "ff05::2", "::1", "::", "fe80::a9fe:a9fe",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
    ].map { address($0) }

    func anyAddress(ipv4: Bool, _ random: inout SplitMix64) -> IPAddress {
        let all = (random.oneIn(3) ? own : random.oneIn(4) ? allowed : Self.others).filter { $0.isIPv4 == ipv4 }
        return random.pick(all)
    }

    private static let ports: [UInt16] = [0, 9, 53, 80, 443, 4000, 5353, 65_535]

    func anyPort(_ random: inout SplitMix64) -> UInt16 { random.pick(Self.ports) }

    // MARK: Packets

    /// One whole IP packet of either family.
    func packet(_ random: inout SplitMix64) -> [UInt8] {
        random.oneIn(2) ? ipv4(&random) : ipv6(&random)
    }

    private func ipv4(_ random: inout SplitMix64) -> [UInt8] {
        let source = anyAddress(ipv4: true, &random), destination = anyAddress(ipv4: true, &random)
        let (number, payload) = transport(source, destination, &random)
        let later = random.oneIn(8)
        return PacketBytes.ipv4(
            from: source, to: destination, protocol: number, options: options(&random),
            identification: UInt16(random.number(0...0xffff)),
            fragmentOffset: later ? random.number(1...20) * 8 : 0, moreFragments: random.oneIn(6), payload: payload)
    }

    /// Of IPv4, in whole words: none most of the time, harmless ones, routes, and nonsense.
    private func options(_ random: inout SplitMix64) -> [UInt8] {
        switch random.number(0...9) {
        case 0: [1, 1, 1, 0]
        case 1: [148, 4, 0, 0]
        case 2: [131, 7, 4, 169, 254, 169, 254, 0]
        case 3: [137, 7, 4, 10, 9, 0, 4, 1]
        case 4: random.list(4...4) { UInt8($0.number(0...255)) }
        default: []
        }
    }

    private func ipv6(_ random: inout SplitMix64) -> [UInt8] {
        let source = anyAddress(ipv4: false, &random), destination = anyAddress(ipv4: false, &random)
        var (number, payload) = transport(source, destination, &random)
        for _ in 0..<(random.oneIn(3) ? random.number(1...3) : 0) {
            let (kind, header) = extensionHeader(before: number, &random)
            (number, payload) = (kind, header + payload)
        }
        return PacketBytes.ipv6(from: source, to: destination, nextHeader: number, payload: payload)
    }

    private func extensionHeader(before next: IPProtocol, _ random: inout SplitMix64) -> (IPProtocol, [UInt8]) {
        switch random.number(0...3) {
        case 0: (.ipv6Options, PacketBytes.destinationOptions(nextHeader: next))
        case 1: (.ipv6HopByHop, PacketBytes.destinationOptions(nextHeader: next))
        case 2:
            (
                .ipv6Routing,
                [next.rawValue, 2, UInt8(random.pick([0, 2, 4])), 1, 0, 0, 0, 0] + address("fd09::4").bytes
            )
        default:
            (
                .ipv6Fragment,
                PacketBytes.fragmentHeader(
                    nextHeader: next, offset: random.oneIn(2) ? 0 : random.number(1...20) * 8, more: random.oneIn(2),
                    identification: UInt32(random.number(0...1000)))
            )
        }
    }

    private func transport(
        _ source: IPAddress, _ destination: IPAddress, _ random: inout SplitMix64
    ) -> (IPProtocol, [UInt8]) {
        let from = Endpoint(source, anyPort(&random)), to = Endpoint(destination, anyPort(&random))
        switch random.number(0...9) {
        case 0...3: return (.udp, PacketBytes.udp(from: from, to: to, payload: random.list(1...40) { _ in 0x5a }))
        case 4...5:
            let flags = random.pick([TCPFlags.syn, .ack, .reset, [.syn, .ack], [.fin, .ack], []])
            return (.tcp, PacketBytes.tcp(from: from, to: to, flags: flags))
        case 6...7:
            let number: IPProtocol = source.isIPv4 ? .icmp : .icmpv6
            var echo = PacketBytes.echoRequest(ipv4: source.isIPv4, identifier: 7) + [0x5a, 0x5a]
            // Errors, redirects, questions for routers and neighbours.
            if random.oneIn(2) { echo[0] = UInt8(random.pick([0, 3, 5, 11, 13, 17, 129, 130, 133, 135, 136, 137])) }
            return (number, echo)
        case 8: return (.sctp, PacketBytes.sctpInit(from: from.port, to: to.port))
        // IGMP, IPIP, IPv6 in IP, GRE, ESP, AH, no next header, experiments.
        default:
            return (
                IPProtocol(rawValue: random.pick([2, 4, 41, 47, 50, 51, 59, 253])), random.list(8...40) { _ in 0x5a }
            )
        }
    }

    // MARK: Sockets

    func socketKind(_ random: inout SplitMix64) -> SocketKind {
        let raw = IPProtocol(rawValue: random.pick([255, 1, 58, 17, 6, 253]))
        return random.pick([
            .udp4, .udp6, .tcp4, .tcp6, .ping4, .ping6, .mptcp4, .mptcp6, SocketKind(.ipv4, .raw(raw)),
            SocketKind(.ipv6, .raw(raw)),
        ])
    }

    /// An option that may open a way: in whose name, by which interface, by which route, to whom.
    func option(_ random: inout SplitMix64) -> SocketOption {
        func ip(_ name: Int32, _ value: Int32) -> SocketOption {
            SocketOption(level: Int32(IPPROTO_IP), name: name, value)
        }
        func ipv6(_ name: Int32, _ value: Int32) -> SocketOption {
            SocketOption(level: Int32(IPPROTO_IPV6), name: name, value)
        }
        let interface = random.pick(["eth0", "lo", ""])
        return random.pick([
            .freeBind, ipv6(78, 1), ip(19, 1), ipv6(75, 1), .broadcast, .reuseAddress, .ipv6Only(false),
            SocketOption(level: SOL_SOCKET, name: SO_BINDTODEVICE, value: Array(interface.utf8)),
            // IP_UNICAST_IF, IP_MULTICAST_IF, IPV6_UNICAST_IF, IPV6_MULTICAST_IF: lo, or as routes say.
            SocketOption(level: Int32(IPPROTO_IP), name: 50, value: [0, 0, 0, UInt8(random.number(0...2))]),
            SocketOption(level: Int32(IPPROTO_IP), name: IP_MULTICAST_IF, value: [10, 9, 0, 1]),
            SocketOption(level: Int32(IPPROTO_IPV6), name: 76, value: [0, 0, 0, UInt8(random.number(0...2))]),
            ipv6(IPV6_MULTICAST_IF, Int32(random.number(0...2))),
            SocketOption(level: Int32(IPPROTO_IP), name: IP_ADD_MEMBERSHIP, value: [224, 0, 0, 251, 10, 9, 0, 1]),
            .ipOptions([131, 7, 4, 169, 254, 169, 254, 0]), .ipOptions([1, 1, 1, 0]), .ipOptions([]),
            SocketOption(
                level: Int32(IPPROTO_IPV6), name: IPV6_RTHDR,
                value: [0, 2, 4, 1, 0, 0, 0, 0] + address("fd09::4").bytes),
            // IPV6_PKTINFO that stays.
            SocketOption(
                level: Int32(IPPROTO_IPV6), name: 50,
                value: anyAddress(ipv4: false, &random).bytes + [0, 0, 0, 0]),
            .ipv4HeaderIncluded, .ipv6HeaderIncluded, ip(IP_RECVERR, 1), ipv6(IPV6_RECVERR, 1),
            SocketOption(level: SOL_SOCKET, name: SO_REUSEPORT, 1),
        ])
    }
}
