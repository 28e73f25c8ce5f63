import CPacketLab
import Glibc
import PacketLab
import Synchronization

/// A thread that accepts and echoes on one TCP socket, or answers on one UDP socket.
///
/// It only borrows the socket, and ends when told.
final class EchoServer {
    /// Closing it tells the thread to end.
    private let stopEnd: Int32
    private let life = ThreadLife()

    init(_ descriptor: Int32, isStream: Bool) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        try check(lab_pipe(&ends))
        stopEnd = ends[1]
        let loop = EchoLoop(stop: ends[0], socket: descriptor, isStream: isStream)
        startThread { [life] in
            var loop = loop
            loop.run()
            life.hasEnded.store(true, ordering: .releasing)
        }
    }

    /// Returns when the thread has let go of the socket.
    func stop() {
        close(stopEnd)
        while !life.hasEnded.load(ordering: .acquiring) { usleep(100) }
    }
}

private final class ThreadLife: Sendable {
    let hasEnded = Atomic(false)
}

/// What the thread of an ``EchoServer`` does.
private struct EchoLoop: Sendable {
    let stop: Int32
    let socket: Int32
    let isStream: Bool
    private var connections: [Int32] = []

    init(stop: Int32, socket: Int32, isStream: Bool) {
        self.stop = stop
        self.socket = socket
        self.isStream = isStream
    }

    mutating func run() {
        while true {
            var entries = ([stop, socket] + connections).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else { break }
            if entries[0].revents != 0 { break }
            for entry in entries[2...] where entry.revents != 0 { echo(entry.fd) }
            if entries[1].revents != 0 { isStream ? accept() : answer() }
        }
        for connection in connections { close(connection) }
        close(stop)
    }

    private mutating func accept() {
        let connection = lab_accept(socket)
        if connection >= 0 {
            connections.append(connection)
        } else {
            // A socket that no longer listens reports itself without end.
            usleep(1000)
        }
    }

    private mutating func echo(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count < 0 && errno == EAGAIN { return }
        if count > 0, send(connection, buffer, count, Int32(MSG_NOSIGNAL)) == count { return }
        close(connection)
        connections.removeAll { $0 == connection }
    }

    private func answer() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let (count, sender) = SocketAddress.written { address, length in
            recvfrom(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT), address, length)
        }
        guard count >= 0 else { return }
        _ = sender.withPointer { sendto(socket, buffer, count, 0, $0, $1) }
    }
}
