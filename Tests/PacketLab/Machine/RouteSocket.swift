import Glibc
import LinuxBase
import PolicyModel

/// Changes one interface's addresses by rtnetlink(7), a few microseconds each.
struct RouteSocket: ~Copyable {
    private let descriptor: Descriptor
    private let interface: UInt32

    init(in namespace: NetworkNamespace, interface: String) throws(LabError) {
        let index = try namespace.index(of: interface)
        let socket = try Descriptor.socket(in: namespace, family: AF_NETLINK, type: SOCK_RAW)
        self.interface = index
        descriptor = socket
    }

    /// RTM_NEWADDR; an address that is there already is no error.
    func add(_ address: IPAddress) throws(LabError) {
        // NLM_F_CREATE | NLM_F_REPLACE
        try request(type: 20, flags: 0x400 | 0x100, address)
    }

    /// RTM_DELADDR
    func remove(_ address: IPAddress) throws(LabError) {
        try request(type: 21, flags: 0, address)
    }

    /// Whether what is sent to the address stays inside: RTM_GETROUTE.
    func isLocal(_ address: IPAddress) throws(LabError) -> Bool {
        let bytes = address.isIPv4 ? Array(address.bytes.suffix(4)) : address.bytes
        var message: [UInt8] = []
        func put(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number) { message += $0 }
        }
        // nlmsghdr: length, type, NLM_F_REQUEST, sequence, port.
        put(UInt32(16 + 12 + 4 + bytes.count))
        put(UInt16(26))
        put(UInt16(0x1))
        put(UInt32(1))
        put(UInt32(0))
        // rtmsg: family, length of the destination, and eight bytes and flags of zero.
        put(UInt8(address.isIPv4 ? AF_INET : AF_INET6))
        put(UInt8(bytes.count * 8))
        put(UInt16(0))
        put(UInt64(0))
        // RTA_DST
        put(UInt16(4 + bytes.count))
        put(UInt16(1))
        message += bytes
        guard send(descriptor.raw, message, message.count, 0) == message.count else {
            throw LabError("rtnetlink request")
        }
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor.raw, &answer, answer.count, 0)
        guard count >= 28 else { throw LabError("route to \(address)") }
        // RTM_NEWROUTE, rtm_type RTN_LOCAL.
        return answer[4] == 24 && answer[23] == 2
    }

    private func request(type: UInt16, flags: UInt16, _ address: IPAddress) throws(LabError) {
        let bytes = address.isIPv4 ? Array(address.bytes.suffix(4)) : address.bytes
        let linkLocal = address.high >> 54 == 0xfe80 >> 6
        var message: [UInt8] = []
        func put(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number) { message += $0 }
        }
        // nlmsghdr: length, type, NLM_F_REQUEST | NLM_F_ACK, sequence, port.
        put(UInt32(16 + 8 + 2 * (4 + bytes.count)))
        put(type)
        put(flags | 0x5)
        put(UInt32(1))
        put(UInt32(0))
        // ifaddrmsg: family, prefix length, IFA_F_NODAD, scope, interface.
        put(UInt8(address.isIPv4 ? AF_INET : AF_INET6))
        put(UInt8(bytes.count * 8))
        put(UInt8(address.isIPv4 ? 0 : 2))
        put(UInt8(linkLocal ? 253 : 0))
        put(interface)
        // IFA_ADDRESS and IFA_LOCAL.
        for attribute: UInt16 in [1, 2] {
            put(UInt16(4 + bytes.count))
            put(attribute)
            message += bytes
        }
        guard send(descriptor.raw, message, message.count, 0) == message.count else {
            throw LabError("rtnetlink request")
        }
        try acknowledge("address \(address)")
    }

    private func acknowledge(_ action: String) throws(LabError) {
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor.raw, &answer, answer.count, 0)
        guard count >= 20 else { throw LabError(action) }
        let code = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
        guard code == 0 else { throw LabError(action, errno: -code) }
    }
}
