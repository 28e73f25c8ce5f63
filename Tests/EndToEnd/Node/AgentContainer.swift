import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab

/// The agent as the DaemonSet at the server says: its arguments, its variables, the capabilities it
/// names and no others, a root file system it cannot write, its mounts, its service account's token.
///
/// The image is what differs: the programs of this build, in a root made of the machine's own
/// folders. The host's folders are this lab's, so that no other agent is met.
final class AgentContainer {
    static let namespace = "sluice-system"
    static let account = "sluiced"

    let spec: ContainerSpec
    let pins: Pins
    /// What stands in for the host's bpf file system.
    let bpffs: String
    /// What it finds at /var/run/secrets/kubernetes.io/serviceaccount.
    private var tokens: TokenVolume

    let kubelet: Kubelet
    let name: String
    let directory: String
    /// Further arguments, after those of the DaemonSet.
    let arguments: [String]
    private(set) var program: Program?
    private(set) var runs = 0
    /// The pod that it runs in, or ran in last.
    private(set) var own: (pod: Pod, cgroup: Cgroup)?

    init(
        _ kubelet: Kubelet, _ name: String, kustomization: String, settings: String, arguments: [String]
    ) throws {
        self.kubelet = kubelet
        self.arguments = arguments
        self.name = name
        directory = "\(kubelet.lab.directory)/\(name)"
        bpffs = "/sys/fs/bpf/\(kubelet.lab.name)-\(name)"
        spec = try ContainerSpec(kubelet.controlPlane, kustomization: kustomization)
        pins = Pins(directory: "\(bpffs)/sluice")
        for folder in [
            directory, "\(directory)/state", "\(directory)/records", "\(directory)/config", "\(directory)/root", bpffs,
        ] {
            guard mkdir(folder, 0o755) == 0 else { throw LabError("mkdir \(folder)") }
        }
        tokens = try TokenVolume(
            at: "\(directory)/token", authority: kubelet.controlPlane.certificates.authority)
        try writeConfiguration(settings)
        try rotateToken()
    }

    /// What the DaemonSet's ConfigMap holds, and the settings.
    private func writeConfiguration(_ settings: String) throws {
        struct ConfigMap: Decodable { var data: [String: String] }
        guard let name = spec.volumes.lazy.compactMap(\.configMap?.name).first else {
            throw LabError("DaemonSet", "it mounts no ConfigMap")
        }
        let text = try kubelet.controlPlane.kubectl(
            "get", "configmap", name, "-n", Self.namespace, "-o", "json")
        for (key, value) in try JSONDecoder().decode(ConfigMap.self, from: Data(text.utf8)).data {
            try "\(value)\n\(settings)\n".write(
                toFile: "\(directory)/config/\(key)", atomically: false, encoding: .utf8)
        }
    }

    /// Asks the API for a new token of the service account, as a kubelet does in time.
    func rotateToken() throws {
        let token = try kubelet.controlPlane.kubectl(
            "create", "token", Self.account, "-n", Self.namespace, "--duration=1h")
        try replaceToken(token.split(separator: "\n").joined())
    }

    /// Which authority the token's folder is to name, from the next token on.
    func trust(_ authority: String) { tokens.authority = authority }

    func replaceToken(_ token: String) throws {
        try tokens.write(token: token, namespace: Self.namespace)
    }

    // MARK: Its process

    /// Starts it in a pod of its own, in place of the one before, as the DaemonSet's controller would
    /// have one made.
    ///
    /// - Parameters:
    ///   - more: arguments, this time.
    ///   - lacking: a capability that it is not given, though the DaemonSet says so.
    func start(also more: [String] = [], lacking: String? = nil) throws {
        try removePod()
        runs += 1
        var pod = Pod("\(name)-\(runs)", in: Self.namespace, kubelet.address)
        pod.hostNetwork = true
        pod.serviceAccount = Self.account
        let uid = try kubelet.create(pod)
        let (cgroup, container) = try kubelet.container(of: uid, .burstable)
        own = (pod, cgroup)
        program = try kubelet.lab.launch(
            ["unshare", "--mount", "bash", "-c", script(of: pod, uid: uid, more, lacking: lacking)],
            in: container, kubelet.machine, output: log(of: runs))
        try kubelet.report(pod, "Running")
    }

    private func removePod() throws {
        guard let own else { return }
        kill()
        try kubelet.remove(own.pod)
        try own.cgroup.remove()
        self.own = nil
    }

    func kill() {
        program?.kill()
        program = nil
    }

    private func log(of run: Int) -> String { "\(directory)/log-\(run)" }

    /// What it has logged, in all its runs.
    var log: String {
        (0..<runs).map { (try? String(contentsOfFile: log(of: $0 + 1), encoding: .utf8)) ?? "" }.joined()
    }
}
