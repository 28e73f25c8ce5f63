import Glibc

/// Any program, a database server for instance, inside a pod's cgroup and namespace.
///
/// It dies with its parent and by ``kill()``.
public final class Program {
    public let pid: Int32
    private let life = ChildLife()

    /// - Parameter output: file for standard output and error, appended; nil keeps the parent's.
    init(
        _ command: [String], cgroup: String, namespace: String, output: String?
    ) throws(LabError) {
        let agent = try Executables.packetAgent()
        let log = output.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) } ?? -1
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [log, nothing] where descriptor >= 0 { close(descriptor) } }
        pid = try life.start(
            agent, ["--cgroup", cgroup, "--netns", namespace, "--"] + command,
            standard: (nothing, log, log))
    }

    deinit {
        kill()
    }

    public var hasEnded: Bool { life.hasEnded }

    /// The exit status, or 128 and the signal as a shell has it; nil while it runs.
    public var endStatus: Int32? { life.endStatus }

    /// Asks it to end (SIGTERM).
    public func terminate() {
        if !hasEnded { _ = Glibc.kill(pid, SIGTERM) }
    }

    /// Ends it now and waits until it is gone.
    public func kill() {
        life.kill()
    }
}

extension Lab {
    /// Starts a program that joins the cgroup, then the namespace.
    ///
    /// - Parameter output: file for what it prints; nil lets it print where the caller prints.
    public func launch(
        _ command: [String], in cgroup: Cgroup, _ namespace: NetworkNamespace, output: String? = nil
    ) throws(LabError) -> Program {
        let program = try Program(
            command, cgroup: cgroup.directory, namespace: namespace.path, output: output)
        keep(program)
        return program
    }
}
