/// What the kernel demands of a process that loads the programs (linux/capability.h). CAP_SYS_ADMIN
/// stands for each of them.
package enum Capabilities {
    private static let needed: KeyValuePairs = ["CAP_NET_ADMIN": 12, "CAP_PERFMON": 38, "CAP_BPF": 39]
    private static let systemAdministration = 21

    /// Those that this process lacks; none if that cannot be told.
    static var missing: [String] {
        guard let status = Files.text("/proc/self/status") else { return [] }
        return missing(status: status)
    }

    /// - Parameter status: the text of /proc/PID/status (proc_pid_status(5)).
    package static func missing(status: String) -> [String] {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let word = line?.split(whereSeparator: \.isWhitespace).last
        guard let effective = word.flatMap({ UInt64($0, radix: 16) }) else { return [] }
        func has(_ number: Int) -> Bool { effective & 1 << UInt64(number) != 0 }
        return has(systemAdministration) ? [] : needed.filter { !has($0.value) }.map(\.key)
    }
}
