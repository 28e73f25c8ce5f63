import FoundationEssentials
import Glibc
import PacketLab

/// What the agent tells of itself over HTTP, in its own network namespace.
extension EnforcedNode {
    static let metricsURL = "http://127.0.0.1:7584/metrics"

    /// A node whose agent answers `/metrics`.
    static func measured(_ options: [String] = ["--no-fail-fast"], config: String = "") throws -> EnforcedNode {
        try EnforcedNode(options: options + ["--health-address", "127.0.0.1:7584"], config: config)
    }

    /// What a shell prints beside the agent, on both channels.
    func shell(_ script: String) throws -> String {
        let output = "\(directory)/shell-output"
        try "".write(toFile: output, atomically: false, encoding: .utf8)
        let program = try lab.launch(
            ["/bin/bash", "-c", script], in: lab.cgroup("tool"), agentNamespace(), output: output)
        try waitUntil("the end of: \(script)") { program.hasEnded }
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// The values of one scrape, by name and labels as they are written.
    func metrics(as format: String = "text/plain") throws -> [String: Double] {
        let text = try shell("curl -sS -H 'Accept: \(format)' \(Self.metricsURL)")
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            values[String(line[..<space])] = value
        }
        return values
    }

    /// Waits until a metric has the value.
    func awaitMetric(_ name: String, _ value: Double?) throws {
        try waitUntil("\(name) \(value.map { "\($0)" } ?? "to go")") { try metrics()[name] == value }
    }

    /// Ends a pod as kubelet does: processes, cgroups, manifest.
    func end(_ pod: EnforcedPod) throws {
        pod.process.kill()
        try waitUntil("the pod's cgroups can go") {
            rmdir("\(pod.cgroup.directory)/container")
            return rmdir(pod.cgroup.directory) == 0 || errno == ENOENT
        }
        try withdraw(pod)
    }
}
