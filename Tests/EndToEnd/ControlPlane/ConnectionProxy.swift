import Glibc
import PacketLab
import Synchronization

/// Stands between the agent and the API server, and cuts what it is told to.
final class ConnectionProxy: Sendable {
    /// What becomes of connections.
    enum Mode: Sendable {
        case pass
        /// New ones are closed at once.
        case refuse
        /// Nothing is passed on in either direction, and nothing is closed.
        case swallow
    }

    private struct State {
        var mode = Mode.pass
        /// What may still come from the server before everything is cut; nil: no limit.
        var bytesLeft: Int?
        /// Both ends of each connection, and whether it is silent for ever.
        var open: [Int32: Bool] = [:]
        var accepted = 0
        var cut = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let target: Endpoint
    private nonisolated(unsafe) let machine: NetworkNamespace

    init(in machine: NetworkNamespace, at endpoint: Endpoint, to target: Endpoint) throws {
        self.machine = machine
        self.target = target
        listener = try machine.enter { try Self.socket() }
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
        let address = SocketAddress(endpoint, for: .ipv4)
        guard address.withPointer({ bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw LabError("listening at \(endpoint)")
        }
        startThread { [self] in accept() }
    }

    private static func socket() throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw LabError("socket") }
        return socket
    }

    // MARK: What the test says

    func set(_ mode: Mode) { state.withLock { $0.mode = mode } }

    /// Cuts every connection now.
    func cutAll() {
        state.withLock { state in
            for descriptor in state.open.keys { shutdown(descriptor, Int32(SHUT_RDWR)) }
            state.cut += 1
        }
    }

    /// Cuts every connection when the server has sent that many bytes more: in the middle of
    /// whatever it is saying.
    func cutAll(afterBytes count: Int) { state.withLock { $0.bytesLeft = count } }

    /// Takes back what was said last.
    func cutNothing() { state.withLock { $0.bytesLeft = nil } }

    /// From now on the connections there are carry nothing, and stay open: a peer that is gone
    /// without a word. New ones are as ever.
    func silenceAll() {
        state.withLock { state in
            for descriptor in state.open.keys { state.open[descriptor] = true }
        }
    }

    /// How many connections there were so far.
    var accepted: Int { state.withLock { $0.accepted } }
    /// How often everything was cut.
    var cuts: Int { state.withLock { $0.cut } }

    /// Ends it for good.
    func close() {
        state.withLock { $0.isOver = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cutAll()
    }

    // MARK: What its threads do

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 && errno == EINTR { continue }
            guard client >= 0 else { break }
            state.withLock { $0.accepted += 1 }
            if case .refuse = state.withLock({ $0.mode }) {
                Glibc.close(client)
            } else {
                startThread { [self] in serve(client) }
            }
        }
        Glibc.close(listener)
    }

    private func serve(_ client: Int32) {
        let server = (try? machine.enter { try Self.socket() }) ?? -1
        let connected = SocketAddress(target, for: .ipv4).withPointer { connect(server, $0, $1) } == 0
        if connected {
            state.withLock { state in
                state.open[client] = false
                state.open[server] = false
            }
            pump(client, server)
            state.withLock { state in
                state.open[client] = nil
                state.open[server] = nil
            }
        }
        Glibc.close(client)
        Glibc.close(server)
    }

    /// Copies in both directions until one end closes.
    private func pump(_ client: Int32, _ server: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if state.withLock({ $0.mode == .swallow || $0.open[client] == true }) {
                guard state.withLock({ !$0.isOver }) else { return }
                usleep(10_000)
                continue
            }
            var ends = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // Back soon, to see whether the mode is another.
            guard poll(&ends, 2, 50) >= 0 || errno == EINTR else { return }
            for (index, end) in ends.enumerated() where end.revents != 0 {
                let count = recv(end.fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                let passing = index == 0 ? count : allowance(count)
                guard passOn(buffer[..<passing], to: index == 0 ? server : client) else { return }
                if passing < count { return cutAll() }
            }
        }
    }

    /// How much of what the server sent may pass.
    private func allowance(_ count: Int) -> Int {
        state.withLock { state in
            guard let left = state.bytesLeft else { return count }
            state.bytesLeft = left > count ? left - count : nil
            return min(left, count)
        }
    }

    private func passOn(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
