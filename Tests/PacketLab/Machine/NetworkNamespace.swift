import CPacketLab
import Glibc

/// A network namespace made by the lab, known to `ip netns` by its name.
public final class NetworkNamespace {
    /// As `ip netns list` shows it.
    public let name: String
    /// A file that stands for the namespace.
    public var path: String { "\(Self.directory)/\(name)" }

    static let directory = "/run/netns"
    private let descriptor: Int32

    init(name: String) throws(LabError) {
        self.name = name
        try IPCommand.run(["netns", "add", name])
        descriptor = open("\(Self.directory)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LabError("open of namespace \(name)") }
        for (key, value) in Self.settings { try set(key, value) }
        try configure("link set lo up")
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// What a pod's namespace needs so that packets leave at once, from any address.
    private static let settings: KeyValuePairs = [
        "ipv6/conf/all/disable_ipv6": "0",
        "ipv6/conf/default/disable_ipv6": "0",
        "ipv6/conf/default/accept_dad": "0",
        "ipv6/conf/default/accept_ra": "0",
        "ipv6/conf/default/router_solicitations": "0",
        "ipv4/conf/all/rp_filter": "0",
        "ipv4/conf/default/rp_filter": "0",
        "ipv4/ping_group_range": "0 2147483647",
        // Client and server, data in the first SYN without a cookie (tcp_fastopen in
        // Documentation/networking/ip-sysctl.rst).
        "ipv4/tcp_fastopen": "519",
    ]

    /// Runs the body with the calling thread inside the namespace.
    ///
    /// Sockets opened there stay in the namespace for good.
    public func enter<R>(_ body: () throws -> R) rethrows -> R {
        let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        precondition(home >= 0 && lab_enter_network(descriptor) == 0, "setns to \(name)")
        defer {
            precondition(lab_enter_network(home) == 0, "setns back from \(name)")
            Glibc.close(home)
        }
        return try body()
    }

    /// Writes a setting below /proc/sys/net.
    public func set(_ key: String, _ value: String) throws(LabError) {
        let written = enter { writeFile("/proc/sys/net/\(key)", value) }
        guard written else { throw LabError("net/\(key) = \(value)") }
    }

    /// Runs lines of `ip`, for instance `addr add 10.0.0.1/32 dev eth0`.
    public func configure(_ lines: String...) throws(LabError) {
        try IPCommand.run(["-n", name, "-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }

    func index(of interface: String) throws(LabError) -> UInt32 {
        let index = enter { if_nametoindex(interface) }
        guard index != 0 else { throw LabError("interface \(interface) in \(name)") }
        return index
    }

    func remove() {
        Self.remove(name)
    }

    static func remove(_ name: String) {
        umount2("\(directory)/\(name)", Int32(MNT_DETACH))
        unlink("\(directory)/\(name)")
    }
}
