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

    /// - Parameter kubeconfig: nil for what KUBECONFIG names.
    init(_ lab: Lab, kubeconfig: String?) throws {
        self.lab = lab
        pins = Pins(directory: "/sys/fs/bpf/\(lab.name)")
        program = try RunningProgram(
            Programs.path("sluiced"),
            [
                "--source", "kubernetes", "--node-name", RecordedCluster.node,
                "--pods-cgroup", "\(lab.name)/kubepods", "--bpffs", pins.directory,
                "--state-dir", lab.directory, "--health-address", "",
            ] + (kubeconfig.map { ["--kubeconfig", $0] } ?? []), err: "\(lab.directory)/agent.log")
    }

    /// A kubeconfig for a server without TLS on loopback.
    static func kubeconfig(_ lab: Lab, port: Int) throws -> String {
        let path = "\(lab.directory)/kubeconfig"
        guard let file = fopen(path, "we") else { throw BenchmarkError("\(path) cannot be written") }
        defer { fclose(file) }
        fputs(
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(port)"}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            users: [{name: u, user: {}}]
            current-context: c

            """, file)
        return path
    }

    deinit { program.end() }

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
