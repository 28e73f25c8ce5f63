import Glibc
import PrometheusMetrics
import SystemPackage

/// The agent's own process, by the names that Prometheus's client libraries agree on
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
struct ProcessMetrics: Sendable {
    private let startTime: Double?

    init() { startTime = Self.readStartTime() }

    func families() -> [MetricFamily] {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        var families = [
            MetricFamily(Metrics.processCPU, .number(usage.ru_utime.seconds + usage.ru_stime.seconds)),
            MetricFamily(Metrics.processOpenDescriptors, .integer(Self.openDescriptors())),
        ]
        if let startTime { families.append(MetricFamily(Metrics.processStart, .number(startTime))) }
        // proc_pid_statm(5): size, resident, ..., in pages.
        let pages = Self.text("/proc/self/statm").split(separator: " ").compactMap { UInt64($0) }
        if pages.count > 1 {
            let size = UInt64(sysconf(Int32(_SC_PAGESIZE)))
            families.append(MetricFamily(Metrics.processVirtualMemory, .integer(pages[0] * size)))
            families.append(MetricFamily(Metrics.processResidentMemory, .integer(pages[1] * size)))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            families.append(MetricFamily(Metrics.processMaxDescriptors, .integer(UInt64(limit.rlim_cur))))
        }
        return families
    }

    /// In seconds since 1970: btime of proc_stat(5), and starttime of proc_pid_stat(5), in clock ticks.
    private static func readStartTime() -> Double? {
        let boot = text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst("btime ".count)) }
        // The command, the second field, may hold spaces and parentheses.
        let stat = text("/proc/self/stat")
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        guard let boot, fields.count > 20, let ticks = Double(fields[20]) else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func openDescriptors() -> UInt64 {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var entries: UInt64 = 0
        while readdir(directory) != nil { entries += 1 }
        // Itself, and the two dots.
        return entries > 3 ? entries - 3 : 0
    }

    private static func text(_ path: String) -> String {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return "" }
        defer { try? file.close() }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while let count = try? chunk.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            text += chunk[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
