import BenchmarkSupport
import Glibc
import KernelDatapath
import PacketLab
import TestHarness

/// The agent of this build, with cgroups for its pods and maps of its own to fill.
final class MeasuredAgent {
    let lab: Lab
    let pins: Pins
    private let program: RunningProgram

    init(_ lab: Lab, port: Int) throws {
        self.lab = lab
        pins = Pins(directory: "/sys/fs/bpf/\(lab.name)")
        let kubeconfig = "\(lab.directory)/kubeconfig"
        try Self.write(
            kubeconfig,
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(port)"}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            users: [{name: u, user: {}}]
            current-context: c

            """)
        program = try RunningProgram(
            Programs.path("sluiced"),
            [
                "--source", "kubernetes", "--kubeconfig", kubeconfig, "--node-name", RecordedCluster.node,
                "--pods-cgroup", "\(lab.name)/kubepods", "--bpffs", pins.directory,
                "--state-dir", lab.directory, "--health-address", "", "--log-level", "info",
            ], err: "\(lab.directory)/agent.log")
    }

    deinit { program.end() }

    private static func write(_ path: String, _ text: String) throws {
        guard let file = fopen(path, "we") else { throw BenchmarkError("\(path) cannot be written") }
        defer { fclose(file) }
        fputs(text, file)
    }

    /// The cgroup of a pod, made if it is not there.
    static func cgroup(_ pod: Int, _ lab: Lab) throws -> Cgroup {
        try lab.cgroup("kubepods/burstable/pod\(RecordedCluster.uid(pod))")
    }

    var log: String { program.log }

    /// A line of /proc/PID/status in MiB, for instance `VmRSS`.
    func memory(_ name: String) -> Double {
        for line in readText("/proc/\(program.process)/status").split(separator: "\n")
        where line.hasPrefix("\(name):") {
            let number = line.split { $0 == " " || $0 == "\t" }.dropFirst().first
            return number.flatMap { Double($0) }.map { $0 / 1024 } ?? .nan
        }
        return .nan
    }

    /// Seconds of processor time, of all threads. C: proc_pid_stat(5), utime and stime.
    var processorSeconds: Double {
        let fields = readText("/proc/\(program.process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
