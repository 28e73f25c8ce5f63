import Glibc

/// Answers byte for byte until it is killed.
enum Server {
    static func tcp() throws -> Never {
        let listener = try PlainSocket(.stream)
        // Clients come faster than they are seen off.
        try listener.bind(listening: 4096)
        while true {
            let connection = accept(listener.descriptor, nil, nil)
            guard connection >= 0 else { continue }
            let socket = PlainSocket(owning: connection)
            socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
            var byte: UInt8 = 0
            while recv(socket.descriptor, &byte, 1, 0) == 1, send(socket.descriptor, &byte, 1, 0) == 1 {}
        }
    }

    static func udp() throws -> Never {
        let socket = try PlainSocket(.datagram)
        try socket.bind(listening: nil)
        var byte: UInt8 = 0
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                    guard recvfrom(socket.descriptor, &byte, 1, 0, peer, &length) == 1 else { return }
                    _ = sendto(socket.descriptor, &byte, 1, 0, peer, length)
                }
            }
        }
    }
}
