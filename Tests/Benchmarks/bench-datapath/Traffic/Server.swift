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

    /// A resolver that knows one answer.
    static func names() throws -> Never {
        let socket = try PlainSocket(.datagram)
        try socket.bind(to: Port.names, listening: nil)
        var query = [UInt8](repeating: 0, count: 512)
        while true {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                    let size = recvfrom(socket.descriptor, &query, query.count, 0, peer, &length)
                    guard size > 0 else { return }
                    let answer = NameQuery.answer(to: Array(query[..<size]))
                    _ = sendto(socket.descriptor, answer, answer.count, 0, peer, length)
                }
            }
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
