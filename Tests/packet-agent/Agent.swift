import CPacketLab
import Glibc
import PacketLab

/// Answers requests, and keeps the sockets that they number.
final class Agent {
    private var sockets: [SocketID: Socket] = [:]

    func answer(_ request: Request) -> Response {
        do throws(Failure) {
            return try perform(request)
        } catch {
            return Response(error)
        }
    }

    private func perform(_ request: Request) throws(Failure) -> Response {
        var response = Response(.ok)
        switch request {
        case .ping: response.count = Int(getpid())
        case .exit: exit(0)
        case .rename(let name): try Itself.rename(name)
        case .moveToCgroup(let path): try Itself.moveToCgroup(path)
        case .unshareNetwork: try Itself.unshareNetwork()
        case .inside(let namespace, let request):
            return try Itself.inside(namespace) { answer(request) }

        case .tcpConnect(let endpoint, let timeout):
            try OneShot.tcpConnect(endpoint, Deadline(afterMs: timeout))
        case .tcpExchange(let endpoint, let bytes, let timeout):
            response.bytes = try OneShot.tcpExchange(endpoint, bytes, Deadline(afterMs: timeout))
        case .udpExchange(let endpoint, let bytes, let timeout):
            response.bytes = try OneShot.udpExchange(endpoint, bytes, Deadline(afterMs: timeout))
        case .echo(let address, let raw, let timeout):
            try Echo(address.address, raw: raw).run(Deadline(afterMs: timeout))
        case .sendPacket(let bytes): response.count = try OneShot.sendPacket(bytes)
        case .tryKind(let family, let type, let number): try AnySocket.tryKind(family, type, number)
        case .sendFrame(let packet, let interface, let id):
            let sender = if let id { try socket(id) } else { try AnySocket.packetSocket() }
            try AnySocket.sendFrame(packet, interface, by: sender)
        case .batch(let batch): response.errnos = BatchSender(batch).run()

        case .open(let id, let kind): sockets[id] = try Socket(kind)
        case .openPacket(let id): sockets[id] = try AnySocket.packetSocket()
        case .setOption(let id, let option): try socket(id).set(option)
        case .bind(let id, let endpoint): try socket(id).bind(endpoint)
        case .listen(let id, let backlog): try socket(id).listen(backlog: backlog)
        case .accept(let id, let new, let timeout):
            let accepted = try socket(id).accept(Deadline(afterMs: timeout))
            sockets[new] = accepted
            response.peer = accepted.peer
        case .connect(let id, let endpoint, let timeout):
            try socket(id).connect(endpoint, timeout == 0 ? nil : Deadline(afterMs: timeout))
        case .disconnect(let id): try socket(id).disconnect()
        case .shutdown(let id): try socket(id).shutdown()
        case .send(let id, let bytes, let timeout):
            response.count = try socket(id).send(bytes, Deadline(afterMs: timeout))
        case .sendTo(let id, let endpoint, let bytes, let fastOpen):
            response.count = try socket(id).send(bytes, to: endpoint, fastOpen: fastOpen)
        case .sendMany(let id, let endpoint, let bytes, let count):
            let socket = try socket(id)
            response.count = 0
            for _ in 0..<count where (try? socket.send(bytes, to: endpoint)) != nil { response.count! += 1 }
        case .sendAcross(let id, let endpoint, let ports, let bytes, let duration):
            response.count = try socket(id).send(bytes, across: ports, from: endpoint, Deadline(afterMs: duration))
        case .askMany(let id, let endpoint, let bytes, let count):
            response.count = try OneShot.ask(count, by: socket(id), endpoint, bytes)
        case .sweep(let endpoint, let count): response.count = try OneShot.sweep(from: endpoint, count)
        case .connectByRing(let id, let endpoint, let worker):
            try Ring(worker).connect(socket(id), to: endpoint)
        case .sendByRing(let id, let endpoint, let bytes, let worker):
            response.count = try Ring(worker).send(bytes, by: socket(id), to: endpoint)
        case .openTun(let id, let name): sockets[id] = try Socket(owning: check(lab_tun(name)))
        case .write(let id, let bytes):
            response.count = try check(Glibc.write(socket(id).descriptor, bytes, bytes.count))
        case .receive(let id, let timeout):
            let (bytes, sender) = try socket(id).receive(Deadline(afterMs: timeout))
            response.bytes = bytes
            response.peer = sender
        case .names(let id):
            response.local = try socket(id).local
            response.peer = try socket(id).peer
        case .serveEcho(let id): try socket(id).serveEcho()
        case .close(let id):
            guard sockets.removeValue(forKey: id) != nil else { throw Failure(.badSocket) }
        case .offer(let id, let path): try SocketPassing.offer(socket(id), at: path)
        case .take(let id, let path, let timeout):
            sockets[id] = try SocketPassing.take(at: path, Deadline(afterMs: timeout))
        }
        return response
    }

    private func socket(_ id: SocketID) throws(Failure) -> Socket {
        guard let socket = sockets[id] else { throw Failure(.badSocket, "no socket \(id)") }
        return socket
    }
}
