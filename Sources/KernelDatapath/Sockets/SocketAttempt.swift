import CLibbpf
import CSluice
import Glibc
import LinuxBase
public import VerdictTables

/// Who asked for sockets that no verdict covers, and how often.
public struct SocketAttempt: Hashable, Sendable {
    /// The pod's cgroup, or the process's own if no pod is known.
    public var cgroup: CgroupID
    /// AF_*
    public var family: UInt16
    /// False where the guard is in audit mode.
    public var refused: Bool
    /// How often since the node started.
    public var count: UInt64
    /// Who did so last.
    public var pid: UInt32
    public var process: String

    package init(
        cgroup: CgroupID, family: UInt16, refused: Bool, count: UInt64, pid: UInt32, process: String
    ) {
        self.cgroup = cgroup
        self.family = family
        self.refused = refused
        self.count = count
        self.pid = pid
        self.process = process
    }

    /// As socket(2) and its headers name it.
    public var familyName: String { Self.names[Int32(family)] ?? "AF \(family)" }

    /// Those that lead somewhere, or that some program may be known to ask for.
    private static let names: [Int32: String] = [
        AF_PACKET: "AF_PACKET", AF_XDP: "AF_XDP", AF_VSOCK: "AF_VSOCK", AF_RDS: "AF_RDS",
        AF_TIPC: "AF_TIPC", AF_SMC: "AF_SMC", AF_CAN: "AF_CAN", AF_BLUETOOTH: "AF_BLUETOOTH",
        AF_PPPOX: "AF_PPPOX", AF_IB: "AF_IB", AF_KCM: "AF_KCM", AF_RXRPC: "AF_RXRPC",
        AF_QIPCRTR: "AF_QIPCRTR", AF_LLC: "AF_LLC", AF_INET: "IPPROTO_SMC", AF_INET6: "IPPROTO_SMC",
    ]
}

extension PacketSocketGuard {
    /// Of as many pods as fit.
    public static func attempts(pins: Pins) throws(KernelError) -> [SocketAttempt] {
        let raw = bpf_obj_get(pins.attemptsPath)
        if -raw == ENOENT { return [] }
        try KernelError.check(raw, .open, pins.attemptsPath)
        let map = Descriptor(owning: raw)
        var found: [SocketAttempt] = []
        var value = sluice_attempt()
        try map.forEachKey(size: MemoryLayout<sluice_attempt_key>.size, pins.attemptsPath) { key in
            guard bpf_map_lookup_elem(map.raw, key, &value) == 0 else { return }
            found.append(SocketAttempt(key.load(as: sluice_attempt_key.self), value))
        }
        return found
    }
}

extension SocketAttempt {
    fileprivate init(_ key: sluice_attempt_key, _ value: sluice_attempt) {
        cgroup = CgroupID(rawValue: key.pod)
        family = key.family
        refused = key.refused != 0
        count = value.count
        pid = value.pid
        process = withUnsafeBytes(of: value.comm) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
