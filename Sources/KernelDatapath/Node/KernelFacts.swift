import Glibc

/// What this node's kernel offers, as far as Sluice depends on it.
public struct KernelFacts: Hashable, Sendable {
    /// For instance 6.1.0-18-amd64.
    public var release: String
    /// Major and minor version.
    public var version: Version
    /// Where cgroup2 is mounted; nil if it is not.
    public var cgroupRoot: String?
    /// Whether cgroup v1 hierarchies are mounted beside it.
    public var isHybrid: Bool
    /// Those of net_cls and net_prio that are mounted as v1.
    public var socketControllers: [String]
    /// net.core.bpf_jit_enable; nil if it cannot be read.
    public var jit: Bool?
    /// kernel.bpf_stats_enabled; nil if it cannot be read.
    public var statistics: Bool?

    public struct Version: Hashable, Comparable, Sendable {
        public var major: Int
        public var minor: Int

        public init(_ major: Int, _ minor: Int) {
            self.major = major
            self.minor = minor
        }

        public static func < (left: Self, right: Self) -> Bool {
            (left.major, left.minor) < (right.major, right.minor)
        }
    }

    /// What the running kernel says.
    public static func read() throws(KernelError) -> KernelFacts {
        guard let mounts = Files.text("/proc/self/mountinfo") else {
            throw KernelError(.read, "/proc/self/mountinfo", code: errno)
        }
        let release = Files.text("/proc/sys/kernel/osrelease")?
            .split(whereSeparator: \.isWhitespace)
        var facts = KernelFacts(mountinfo: mounts, release: String(release?.first ?? ""))
        facts.jit = Files.text("/proc/sys/net/core/bpf_jit_enable").map { $0.first != "0" }
        facts.statistics = Files.text("/proc/sys/kernel/bpf_stats_enabled").map { $0.first != "0" }
        return facts
    }

    package init(mountinfo: String, release: String) {
        self.release = release
        let numbers = release.split { !$0.isNumber }.prefix(2).map { Int($0) ?? 0 }
        version = Version(numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 0)
        isHybrid = false
        socketControllers = []
        for line in mountinfo.split(separator: "\n") {
            guard let mount = Mount(line) else { continue }
            switch mount.type {
            case "cgroup2":
                cgroupRoot = cgroupRoot ?? mount.point
            case "cgroup":
                isHybrid = true
                let controllers = mount.options.split(separator: ",").map(String.init)
                socketControllers += controllers.filter { $0 == "net_cls" || $0 == "net_prio" }
            default: break
            }
        }
        if cgroupRoot == nil { isHybrid = false }
    }

    /// Throws, saying why, if Sluice could not enforce here.
    public func check() throws(KernelError) {
        func refuse(_ reason: String) -> KernelError {
            KernelError(.check, "kernel \(release)", code: EOPNOTSUPP, context: [reason])
        }
        if version < Version(5, 10) {
            throw refuse("5.10 or later is needed")
        }
        if cgroupRoot == nil {
            throw refuse("no cgroup2 is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified")
        }
        if version < Version(5, 15) && !socketControllers.isEmpty {
            throw refuse(
                "\(socketControllers.joined(separator: " and ")) mounted as cgroup v1 takes a "
                    + "socket's cgroup away before 5.15, and with it its pod: unmount it, or boot "
                    + "with cgroup_no_v1=net_cls,net_prio")
        }
    }
}

/// A line of mountinfo (proc(5)).
private struct Mount {
    var point: String
    var type: Substring
    var options: Substring

    init?(_ line: Substring) {
        // Optional fields, of any number, end with a lone hyphen.
        let fields = line.split(separator: " ")
        guard fields.count > 4, let hyphen = fields.firstIndex(of: "-"), hyphen + 3 < fields.count
        else { return nil }
        point = Self.unescaped(fields[4])
        type = fields[hyphen + 1]
        options = fields[hyphen + 3]
    }

    /// Space, tab, newline and backslash stand as \040, \011, \012 and \134.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
