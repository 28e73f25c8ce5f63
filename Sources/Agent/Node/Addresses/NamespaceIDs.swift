import Glibc

/// Which network namespaces the agent's own has given an interface to. The kernel gives such a
/// namespace an id there, as soon as a device moves to it or it holds the other end of a veth. One that
/// a process makes for itself has none, unless it may configure the agent's namespace.
/// C: RTM_GETNSID in rtnetlink(7), `peernet2id_alloc` in net/core/net_namespace.c.
struct NamespaceIDs: ~Copyable {
    private let socket: Int32

    /// - Returns: nil if the kernel gives no such socket.
    init?() {
        socket = Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(socket) }

    /// Whether the process's namespace has an id here.
    func isKnown(processNumber: Int32) -> Bool {
        // NETNSA_PID
        let attribute = Self.bytes(UInt16(8)) + Self.bytes(UInt16(2)) + Self.bytes(processNumber)
        guard let answer = ask(flags: Self.request, attribute) else { return false }
        return Self.hasID(answer)
    }

    /// Whether any namespace has an id here.
    func isAnyKnown() -> Bool {
        guard let answer = ask(flags: Self.request | Self.dump, []) else { return false }
        return Self.hasID(answer)
    }

    // linux/netlink.h, linux/rtnetlink.h, linux/net_namespace.h
    private static let getID: UInt16 = 90
    private static let newID: UInt16 = 88
    private static let request: UInt16 = 0x1
    private static let dump: UInt16 = 0x300
    private static let header = 16
    /// Of `struct rtgenmsg`, with its padding.
    private static let family = 4

    private func ask(flags: UInt16, _ attributes: [UInt8]) -> [UInt8]? {
        let length = UInt32(Self.header + Self.family + attributes.count)
        let message =
            Self.bytes(length) + Self.bytes(Self.getID) + Self.bytes(flags) + Self.bytes(UInt32(1))
            + Self.bytes(UInt32(0)) + [0, 0, 0, 0] + attributes
        guard send(socket, message, message.count, 0) == message.count else { return nil }
        var answer = [UInt8](repeating: 0, count: 32768)
        let got = recv(socket, &answer, answer.count, 0)
        return got > 0 ? Array(answer[..<got]) : nil
    }

    /// Whether the first message is an id (NETNSA_NSID, not negative) and no error.
    static func hasID(_ message: [UInt8]) -> Bool {
        guard message.count >= header + family + 8, number(message, 4) as UInt16 == newID,
            number(message, header + family + 2) as UInt16 == 1
        else { return false }
        return number(message, header + family + 4) as Int32 >= 0
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int) -> Number {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
    }
}
