import CPacketLab
import PacketLab

/// One request by io_uring(7) at a time, each by a ring of its own.
struct Ring {
    private let worker: Int32

    init(_ worker: RingWorker) {
        let number =
            switch worker {
            case .caller: LAB_RING_CALLER
            case .worker: LAB_RING_WORKER
            case .poller: LAB_RING_POLLER
            }
        self.worker = Int32(number.rawValue)
    }

    func connect(_ socket: Socket, to endpoint: Endpoint) throws(Failure) {
        try check(
            ring: SocketAddress(endpoint, for: socket.family).withPointer {
                lab_ring_connect(socket.descriptor, $0, $1, worker)
            })
    }

    func send(_ bytes: [UInt8], by socket: Socket, to endpoint: Endpoint) throws(Failure) -> Int {
        try check(
            ring: SocketAddress(endpoint, for: socket.family).withPointer {
                lab_ring_send(socket.descriptor, bytes, bytes.count, $0, $1, worker)
            })
    }

    @discardableResult
    private func check(ring result: Int32) throws(Failure) -> Int {
        guard result < 0 else { return Int(result) }
        throw Failure(ErrnoName(errno: -result))
    }
}
