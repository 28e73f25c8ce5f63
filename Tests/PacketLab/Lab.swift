import Glibc

/// Throw-away cgroups, network namespaces and processes, all gone at the end.
///
/// The machine's own network namespace is never changed: everything is made inside namespaces that
/// belong to the lab. Root is needed.
public final class Lab {
    /// The name that every trace of this lab starts with.
    public let name: String
    /// The root of cgroup v2.
    public let cgroupRoot: String
    /// A directory for sockets and files.
    public let directory: String

    private var namespaces: [NetworkNamespace] = []
    private var processes: [PodProcess] = []
    private var programs: [Program] = []
    private var isOpen = true

    /// Also removes what labs of dead processes have left behind.
    public init() throws(LabError) {
        guard geteuid() == 0 else {
            throw LabError(
                "packet lab", "needs root: it makes cgroups and network namespaces. Run as root.")
        }
        Leftovers.sweep()
        name = "\(Leftovers.prefix)\(getpid())-" + String(UInt32.random(in: .min ... .max), radix: 36)
        cgroupRoot = try CgroupTree.root()
        directory = "\(Leftovers.directory)/\(name)"
        guard mkdir(directory, 0o700) == 0 else { throw LabError("mkdir \(directory)") }
        _ = try Cgroup(root: cgroupRoot, path: name)
    }

    deinit {
        close()
    }

    /// Ends the processes and removes everything, pins below /sys/fs/bpf that bear the lab's name
    /// included. A second call does nothing.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        for process in processes { process.kill() }
        for program in programs { program.kill() }
        Leftovers.removePins(of: name)
        CgroupTree.remove("\(cgroupRoot)/\(name)")
        for namespace in namespaces { namespace.remove() }
        Leftovers.removeTree(directory)
    }

    /// The cgroup that holds all others of this lab.
    public var rootCgroup: Cgroup {
        get throws(LabError) { try Cgroup(root: cgroupRoot, path: name) }
    }

    /// Makes a cgroup, and those above it where they are missing.
    ///
    /// - Parameter path: below the lab's own, for instance `kubepods/burstable/pod1/container`.
    public func cgroup(_ path: String) throws(LabError) -> Cgroup {
        try Cgroup(root: cgroupRoot, path: "\(name)/\(path)")
    }

    /// Makes an empty network namespace, loopback up.
    ///
    /// - Parameter label: letters, digits and hyphens; unique within the lab.
    public func namespace(_ label: String) throws(LabError) -> NetworkNamespace {
        let namespace = try NetworkNamespace(name: "\(name)-\(label)")
        namespaces.append(namespace)
        return namespace
    }

    /// Removes one namespace before the lab ends. Processes inside keep it alive for themselves.
    public func remove(_ namespace: NetworkNamespace) {
        namespace.remove()
        namespaces.removeAll { $0 === namespace }
    }

    /// Starts a process that joins the cgroup, then the namespace, before it makes any socket.
    ///
    /// - Parameter named: its `comm`.
    public func start(
        _ named: String = "pod", in cgroup: Cgroup, _ namespace: NetworkNamespace
    ) throws(LabError) -> PodProcess {
        let process = try PodProcess(
            name: named, cgroup: cgroup.directory, namespace: namespace.path)
        processes.removeAll { $0.hasEnded }
        processes.append(process)
        return process
    }

    /// Ends the program when the lab ends.
    func keep(_ program: Program) {
        programs.append(program)
    }

    /// Removes what labs of dead processes have left behind; a new lab does so by itself.
    public static func sweep() {
        Leftovers.sweep()
    }
}
