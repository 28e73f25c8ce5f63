import Glibc
import PacketLab
import PolicyModel

/// Sends one packet per probe.
struct BatchSender {
    private let batch: ProbeBatch
    private let interface = if_nametoindex("eth0")
    /// Sockets of ``ProbeBatch/Datagrams/shared``.
    private var shared: [SharedKey: Int32] = [:]

    private struct SharedKey: Hashable {
        var kind: SocketKind
        var source: IPAddress?
    }

    init(_ batch: ProbeBatch) {
        self.batch = batch
    }

    /// - Returns: an errno for each probe, 0 for success.
    consuming func run() -> [Int32] {
        var errnos: [Int32] = []
        errnos.reserveCapacity(batch.probes.count)
        for (index, probe) in batch.probes.enumerated() {
            let tag = batch.firstTag &+ UInt16(truncatingIfNeeded: index)
            errnos.append(send(probe, tag))
        }
        for descriptor in shared.values { close(descriptor) }
        return errnos
    }

    private mutating func send(_ probe: Probe, _ tag: UInt16) -> Int32 {
        probe.protocol == .tcp ? connect(probe, tag) : sendDatagram(probe, tag)
    }

    /// The SYN leaves within `connect`; closed in SYN-SENT, a socket sends nothing more.
    private func connect(_ probe: Probe, _ tag: UInt16) -> Int32 {
        let kind = SocketKind(probe.to.address.isIPv4 ? .ipv4 : .ipv6, .tcp)
        let descriptor = open(kind, probe.source, port: tag)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        set(descriptor, .abortOnClose)
        let result = address(probe.to, kind.family).withPointer { Glibc.connect(descriptor, $0, $1) }
        return result == 0 || errno == EINPROGRESS ? 0 : errno
    }

    private mutating func sendDatagram(_ probe: Probe, _ tag: UInt16) -> Int32 {
        let kind = probe.datagramKind
        let payload = probe.payload(tag: tag)
        // Raw sockets refuse a port; what the packet says stands in its payload.
        let target = kind.transport == .udp ? probe.to : Endpoint(probe.to.address, 0)
        let address = address(target, kind.family)
        if batch.datagrams == .shared {
            let key = SharedKey(kind: kind, source: probe.source)
            let descriptor = shared[key] ?? open(kind, probe.source, port: 0)
            guard descriptor >= 0 else { return errno }
            shared[key] = descriptor
            return send(descriptor, payload, to: address)
        }
        let descriptor = open(kind, probe.source, port: 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        guard batch.datagrams == .connected else { return send(descriptor, payload, to: address) }
        guard address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else { return errno }
        return send(descriptor, payload, to: nil)
    }

    /// Tries again while a queue is full.
    private func send(_ descriptor: Int32, _ payload: [UInt8], to address: SocketAddress?) -> Int32 {
        for _ in 0..<200 {
            let count =
                address?.withPointer { sendto(descriptor, payload, payload.count, 0, $0, $1) }
                ?? Glibc.send(descriptor, payload, payload.count, 0)
            if count >= 0 { return 0 }
            guard errno == EAGAIN || errno == ENOBUFS else { return errno }
            usleep(500)
        }
        return EAGAIN
    }

    /// - Returns: a descriptor bound as wanted; negative, with errno set, if that fails.
    private func open(_ kind: SocketKind, _ source: IPAddress?, port: UInt16) -> Int32 {
        let (type, number) = kind.arguments
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(kind.family == .ipv4 ? AF_INET : AF_INET6, type | flags, number)
        guard descriptor >= 0 else { return -1 }
        if kind.transport != .tcp { set(descriptor, .broadcast) }
        guard source != nil || port != 0 else { return descriptor }
        set(descriptor, .reuseAddress)
        set(descriptor, .freeBind)
        let any = kind.family == .ipv4 ? IPAddress(ipv4: 0) : IPAddress(high: 0, low: 0)
        let own = address(Endpoint(source ?? any, port), kind.family)
        if own.withPointer({ bind(descriptor, $0, $1) }) == 0 { return descriptor }
        let failure = errno
        close(descriptor)
        errno = failure
        return -1
    }

    private func set(_ descriptor: Int32, _ option: SocketOption) {
        setsockopt(
            descriptor, option.level, option.name, option.value, socklen_t(option.value.count))
    }

    private func address(_ endpoint: Endpoint, _ family: SocketKind.Family) -> SocketAddress {
        SocketAddress(endpoint, for: family, interface: interface)
    }
}

extension Probe {
    fileprivate var datagramKind: SocketKind {
        let family: SocketKind.Family = to.address.isIPv4 ? .ipv4 : .ipv6
        return SocketKind(
            family, `protocol` == .udp ? .udp : .raw(`protocol`.spoken(by: to.address)))
    }

    /// What a datagram socket is given to send.
    fileprivate func payload(tag: UInt16) -> [UInt8] {
        switch `protocol` {
        case .udp: PacketBytes.big(tag)
        case .sctp: PacketBytes.sctpInit(from: tag, to: to.port)
        case .icmp, .icmpv6: PacketBytes.echoRequest(ipv4: to.address.isIPv4, identifier: tag)
        default: PacketBytes.big(tag) + [0, 0, 0, 0, 0, 0]
        }
    }
}
