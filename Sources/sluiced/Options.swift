import Agent
import AgentAPI
import AgentConfiguration
import ArgumentParser
import Glibc
import Logging
import LinuxBase
import PolicyModel
import SystemPackage

/// The command line; each option has its twin in the configuration file.
struct Options: ParsableArguments {
    @Option(help: "A YAML file with any of these settings; see docs/configuration.md.")
    var config: String?

    @Option(
        help: "A directory of manifests, or one file; or the word kubernetes. (default: /etc/sluice/manifests)")
    var source: String?

    @Option(help: "A kubeconfig file; implies --source kubernetes. (default: the pod's account, else kubectl's)")
    var kubeconfig: String?

    @Option(help: "A context of the kubeconfig. (default: its current one)")
    var context: String?

    @Option(help: "This node's name, as spec.nodeName has it. (default: $NODE_NAME, else the host name)")
    var nodeName: String?

    @Option(help: "Where cgroup v2 is mounted. (default: found)")
    var cgroupRoot: String?

    @Option(help: "The cgroup of all pods, below the root. (default: found by the name kubepods)")
    var podsCgroup: String?

    @Option(help: "Where maps, programs and links are pinned. (default: /sys/fs/bpf/sluice)")
    var bpffs: String?

    @Option(help: "Where the lock, the snapshot and last good manifests are kept. (default: /run/sluice)")
    var stateDir: String?

    @Option(help: "enforce, or audit: what policy would deny passes and is reported.")
    var enforcement: String?

    @Option(help: "guards or hold: what a cgroup meets whose pod is not known yet.")
    var startupPosture: String?

    @Option(help: "enforce, audit or off: the guard of the clouds' metadata APIs.")
    var metadataGuard: String?

    @Flag(inversion: .prefixedNo, help: "Denied calls fail at once with EPERM, or time out.")
    var failFast: Bool?

    @Option(help: "Where /healthz, /readyz and /metrics are answered; empty: nowhere. (default: 127.0.0.1:7584)")
    var healthAddress: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Option(help: "text or json.")
    var logFormat: String?

    @Flag(help: "Take the taint sluice.dev/agent-not-ready from the node once it is enforced.")
    var removeNotReadyTaint = false

    @Flag(help: "Take everything out of force on a clean stop.")
    var detachOnExit = false

    @Flag(
        help: """
            Put guards and startup posture in force and end, before kubelet starts; the cgroup of all \
            pods is made if --pods-cgroup names it, else waited for.
            """)
    var once = false

    /// The file's settings, overridden by the options given.
    func configuration() throws -> Configuration {
        var configuration = Configuration()
        if let config {
            let (read, diagnostics) = ConfigurationFile.read(try contents(of: config), file: config)
            guard diagnostics.isEmpty else {
                throw InvalidOptions(diagnostics.map(\.description).joined(separator: "\n"))
            }
            configuration = read
        }
        try setSource(&configuration)
        if let nodeName { configuration.nodeName = nodeName }
        if let cgroupRoot { configuration.cgroupRoot = cgroupRoot }
        if let podsCgroup { configuration.podsCgroup = podsCgroup }
        if let bpffs { configuration.bpffs = bpffs }
        if let stateDir { configuration.stateDirectory = stateDir }
        if let failFast { configuration.failFast = failFast }
        if let logLevel { configuration.logLevel = logLevel }
        if removeNotReadyTaint { configuration.removeNotReadyTaint = true }
        if detachOnExit { configuration.detachOnExit = true }
        if let healthAddress { configuration.healthAddress = try listenAddress(healthAddress) }
        try set(&configuration.enforcement, enforcement, "--enforcement")
        try set(&configuration.startupPosture, startupPosture, "--startup-posture")
        try set(&configuration.metadata.mode, metadataGuard, "--metadata-guard")
        try set(&configuration.logFormat, logFormat, "--log-format")
        return configuration
    }

    private func setSource(_ configuration: inout Configuration) throws {
        if let source {
            configuration.source = Configuration.Source(source)
        } else if kubeconfig != nil {
            configuration.source = .kubernetes
        }
        if let kubeconfig { configuration.kubernetes.kubeconfig = kubeconfig.isEmpty ? nil : kubeconfig }
        if let context { configuration.kubernetes.context = context.isEmpty ? nil : context }
        guard configuration.source != .kubernetes,
            let option = kubeconfig.map({ "--kubeconfig \($0)" }) ?? context.map({ "--context \($0)" })
        else { return }
        throw InvalidOptions(
            "\(option): the source is \(configuration.source); write --source kubernetes, or leave it out")
    }

    private func listenAddress(_ text: String) throws -> ListenAddress? {
        if text.isEmpty { return nil }
        guard let address = ListenAddress(text) else {
            throw InvalidOptions("--health-address \(text): write \(ListenAddress.syntax), or '' for none")
        }
        return address
    }

    private func set<Choice: RawRepresentable & CaseIterable>(
        _ value: inout Choice, _ text: String?, _ option: String
    ) throws where Choice.RawValue == String {
        guard let text else { return }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidOptions("\(option) \(text): write one of \(choices)")
        }
        value = choice
    }

    private func contents(of path: String) throws -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter { try FileSystem.readToEnd(file) }
        } catch let error as Errno {
            throw InvalidOptions("--config \(path): \(error)")
        }
    }
}

func makeLogger(_ configuration: Configuration) throws -> Logger {
    guard let level = Logger.Level(rawValue: configuration.logLevel) else {
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        throw InvalidOptions("log level \(configuration.logLevel): write one of \(levels)")
    }
    return AgentLog.logger(level: level, format: configuration.logFormat)
}

/// Options or a file that cannot be used; told without a usage text, which would
/// bury it.
struct InvalidOptions: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
