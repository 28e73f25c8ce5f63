import PacketLab
import PolicyModel

/// Requests that need one socket for one purpose.
enum OneShot {
    static func tcpConnect(_ endpoint: Endpoint, _ deadline: Deadline) throws(Failure) {
        let socket = try Socket(endpoint.address.isIPv4 ? .tcp4 : .tcp6)
        try socket.connect(endpoint, deadline)
    }

    static func tcpExchange(
        _ endpoint: Endpoint, _ bytes: [UInt8], _ deadline: Deadline
    ) throws(Failure) -> [UInt8] {
        let socket = try Socket(endpoint.address.isIPv4 ? .tcp4 : .tcp6)
        try socket.connect(endpoint, deadline)
        _ = try socket.send(bytes, deadline)
        return try socket.receive(deadline).bytes
    }

    static func udpExchange(
        _ endpoint: Endpoint, _ bytes: [UInt8], _ deadline: Deadline
    ) throws(Failure) -> [UInt8] {
        let socket = try Socket(endpoint.address.isIPv4 ? .udp4 : .udp6)
        _ = try socket.send(bytes, to: endpoint)
        return try socket.receive(deadline).bytes
    }

    static func ask(_ count: Int, by socket: Socket, _ endpoint: Endpoint, _ bytes: [UInt8]) -> Int {
        var bytes = bytes
        var answers = 0
        for number in 0..<count {
            (bytes[0], bytes[1]) = (UInt8(number >> 8 & 0xff), UInt8(number & 0xff))
            guard (try? socket.send(bytes, to: endpoint)) != nil else { continue }
            if (try? socket.receive(Deadline(afterMs: 200))) != nil { answers += 1 }
        }
        return answers
    }

    /// Ports from 1 up to 65,535, then those of the next IPv4 address.
    static func sweep(from first: Endpoint, _ count: Int) throws(Failure) -> Int {
        let socket = try Socket(.udp4)
        let start = first.address.bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        var taken = 0
        for number in 0..<count {
            let place = Int(first.port) - 1 + number
            let address = IPAddress(ipv4: start &+ UInt32(place / 65_535))
            if (try? socket.send([7], to: Endpoint(address, UInt16(place % 65_535 + 1)))) != nil { taken += 1 }
        }
        return taken
    }

    /// IPPROTO_RAW with the header included: its destination is where it goes.
    static func sendPacket(_ packet: [UInt8]) throws(Failure) -> Int {
        let anything = IPProtocol(rawValue: 255)
        switch packet.first.map({ $0 >> 4 }) {
        case 4 where packet.count >= 20:
            let socket = try Socket(SocketKind(.ipv4, .raw(anything)))
            try socket.set(.ipv4HeaderIncluded)
            try socket.set(.broadcast)
            let number = packet[16..<20].reduce(0) { $0 << 8 | UInt32($1) }
            return try socket.send(packet, to: Endpoint(IPAddress(ipv4: number), 0))
        case 6 where packet.count >= 40:
            let socket = try Socket(SocketKind(.ipv6, .raw(anything)))
            try socket.set(.ipv6HeaderIncluded)
            guard let destination = IPAddress(bytes: packet[24..<40]) else { throw Failure("EINVAL") }
            return try socket.send(packet, to: Endpoint(destination, 0))
        default:
            throw Failure("EINVAL", "neither IPv4 nor IPv6")
        }
    }
}
