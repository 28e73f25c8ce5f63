import Glibc
import PacketLab

/// What a kubelet and its runtime do on a node: for each pod a cgroup by its uid, a network
/// namespace, a process, and the status that the API then shows.
final class Kubelet {
    /// As `spec.nodeName` has it.
    let nodeName: String
    /// The node's own.
    let address: String
    let lab: Lab
    let network: Network
    let controlPlane: ControlPlane
    let driver: CgroupDriver
    /// The node's own network namespace.
    let machine: NetworkNamespace

    /// Also tells the API of the node.
    ///
    /// - Parameter name: of the node, unique in the cluster.
    init(_ cluster: Cluster, _ name: String, driver: CgroupDriver) throws {
        nodeName = name
        address = cluster.newNodeAddress()
        lab = cluster.lab
        network = cluster.network
        controlPlane = cluster.controlPlane
        self.driver = driver
        machine = try network.host(name, address)
        _ = try lab.cgroup("\(name)/\(driver.pods)")
        let node = """
            apiVersion: v1
            kind: Node
            metadata: {name: \(name)}
            status: {addresses: [{type: InternalIP, address: \(address)}]}

            """
        try controlPlane.kubectl("apply", text: node)
        try controlPlane.kubectl("replace", "--subresource=status", text: node)
    }

    /// The cgroup of all pods, below the cgroup root.
    var podsCgroup: String { "\(lab.name)/\(nodeName)/\(driver.pods)" }

    /// Makes the cgroup of a container of a pod.
    func container(of uid: String, _ quality: QualityOfService) throws -> (pod: Cgroup, container: Cgroup) {
        let path = "\(nodeName)/\(driver.pod(uid, quality))"
        return try (lab.cgroup(path), lab.cgroup("\(path)/\(driver.container(Self.containerID()))"))
    }

    /// Creates a pod at the API, and then runs it, as a kubelet does that sees it bound to its node.
    ///
    /// - Parameter onWire: its packets end in a capture, and nobody answers.
    func run(
        _ pod: Pod, _ quality: QualityOfService = .burstable, onWire: Bool = false
    ) throws -> RunningPod {
        let uid = try create(pod)
        let running = try start(pod, uid: uid, quality, onWire: onWire)
        try report(pod, "Running")
        return running
    }

    /// - Returns: the uid that the API gave it.
    func create(_ pod: Pod) throws -> String {
        try controlPlane.kubectl("create", "-o", "jsonpath={.metadata.uid}", text: pod.manifest(on: nodeName))
    }

    /// Cgroup, namespace and process of a pod, whether or not the API knows it.
    ///
    /// - Parameter cgroupUID: what its cgroup is named by, if that is another uid.
    func start(
        _ pod: Pod, uid: String, cgroupUID: String? = nil, _ quality: QualityOfService = .burstable,
        onWire: Bool = false
    ) throws -> RunningPod {
        let (cgroup, container) = try container(of: cgroupUID ?? uid, quality)
        let wire = onWire ? try lab.wire("wire-\(uid.prefix(8))") : nil
        let addresses = pod.addresses.map { Endpoint($0, 0).address }
        try wire?.setAddresses(addresses)
        let place =
            try pod.hostNetwork
            ? machine : wire?.namespace ?? network.host("pod-\(uid.prefix(8))", addresses)
        let process = try lab.start(String(pod.name.prefix(15)), in: container, place)
        return RunningPod(pod: pod, uid: uid, cgroup: cgroup, process: process, wire: wire)
    }

    /// Writes a pod's status, as a kubelet may and nobody else.
    func report(_ pod: Pod, _ phase: String) throws {
        try controlPlane.kubectl(
            "replace", "--subresource=status", text: pod.manifest(on: nodeName, phase: phase))
    }

    /// Ends a pod: its process, its object, its cgroup.
    func end(_ running: RunningPod) throws {
        running.process.kill()
        try remove(running.pod)
        try running.cgroup.remove()
    }

    /// What the API shows of a static pod: marked with the hash of its manifest, and owned by its node.
    func mirror(_ pod: Pod, of hash: String) throws -> Pod {
        let node = try controlPlane.kubectl("get", "node", nodeName, "-o", "jsonpath={.metadata.uid}")
        var mirror = pod
        mirror.annotations = "{kubernetes.io/config.hash: \(hash), kubernetes.io/config.mirror: \(hash)}"
        mirror.owners = "[{apiVersion: v1, kind: Node, name: \(nodeName), uid: \(node), controller: true}]"
        return mirror
    }

    /// Takes a pod's object away at once.
    func remove(_ pod: Pod) throws {
        try controlPlane.kubectl(
            "delete", "pod", pod.name, "-n", pod.namespace, "--grace-period=0", "--force")
    }

    /// A machine in the network that is no pod.
    func server(_ name: String, _ addresses: String...) throws -> PodProcess {
        try lab.start(
            name, in: lab.cgroup("servers/\(name)"),
            network.host(name, addresses.map { Endpoint($0, 0).address }))
    }

    private static func containerID() -> String {
        (0..<64).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }.joined()
    }
}
