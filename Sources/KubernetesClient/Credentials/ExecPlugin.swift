import LinuxBase

/// A program that gives credentials
/// (`ExecConfig` of a kubeconfig; KEP-541).
public struct ExecPlugin: Hashable, Sendable {
    public enum Version: String, Hashable, Sendable {
        case v1 = "client.authentication.k8s.io/v1"
        case v1beta1 = "client.authentication.k8s.io/v1beta1"
    }

    public struct Variable: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var version: Version
    /// A path, or a name that is looked for in PATH.
    public var command: String
    public var arguments: [String]
    /// Added to this process's own.
    public var environment: [Variable]
    /// Shown where the command is missing.
    public var installHint: String
    public var deadline: Duration

    public init(
        version: Version = .v1, command: String, arguments: [String] = [], environment: [Variable] = [],
        installHint: String = "", deadline: Duration = .seconds(60)
    ) {
        self.version = version
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.deadline = deadline
    }

    /// Runs the program and waits for it; not for a cooperative thread.
    func run() throws(APIError) -> ExecAnswer {
        var variables = ProcessEnvironment.all
        for variable in environment { variables[variable.name] = variable.value }
        // Nobody sits at the agent's terminal: a plugin that wants to ask must fail.
        variables["KUBERNETES_EXEC_INFO"] = """
            {"apiVersion":"\(version.rawValue)","kind":"ExecCredential","spec":{"interactive":false}}
            """
        let ended: ChildProcess.Ended
        do {
            ended = try ChildProcess.run(
                command, arguments, environment: variables, deadline: deadline, limit: 1 << 20)
        } catch {
            throw failure(error.message + (error.isMissing && !installHint.isEmpty ? "\n\(installHint)" : ""))
        }
        guard ended.status == 0 else {
            throw failure("ended with status \(ended.status)" + saying(ended.err))
        }
        do {
            return try ExecAnswer(ended.out, version: version)
        } catch {
            throw failure(error.message + saying(ended.err))
        }
    }

    private func failure(_ message: String) -> APIError {
        APIError(.credentials, message: "the exec plugin \(command) \(message)")
    }

    private func saying(_ err: [UInt8]) -> String {
        let text = String(decoding: err.prefix(2000), as: UTF8.self)
        return text.isEmpty ? "" : "; it said: \(text)"
    }
}
