import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import VerdictTables

/// A node of its own: pods of a lab, a directory of manifests, and the real `sluiced` that
/// enforces what they say. Everything is gone after ``close()``, or when the process is.
final class EnforcedNode {
    let lab: Lab
    let directory: String
    let pins: Pins

    private let options: [String]
    private(set) var agent: Program?
    private var pods: [EnforcedPod] = []
    private var networks: [String: Network] = [:]
    private var marker = Marker()
    private(set) var runs = 0
    private var isOpen = true

    /// The agent does not run yet.
    ///
    /// - Parameter config: the text of a configuration file.
    convenience init(_ options: String..., config: String = "") throws {
        try self.init(options: options, config: config)
    }

    init(options: [String], config: String = "") throws {
        lab = try Lab()
        Leftovers.sweep()
        directory = "\(Leftovers.directory)/\(Leftovers.prefix)\(lab.name)"
        pins = Pins(directory: "/sys/fs/bpf/\(lab.name)")
        self.options = options
        for folder in ["source", "state", "draft"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
        }
        try config.write(toFile: "\(directory)/config.yaml", atomically: false, encoding: .utf8)
        _ = try lab.cgroup("kubepods")
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        agent?.kill()
        _ = try? pins.removeEverything()
        lab.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: Manifests

    /// Puts a manifest into the source directory in one step.
    func write(_ name: String, _ text: String) throws {
        let draft = "\(directory)/draft/\(name)"
        try text.write(toFile: draft, atomically: false, encoding: .utf8)
        guard rename(draft, "\(directory)/source/\(name)") == 0 else { throw LabError("rename \(name)") }
    }

    func remove(_ name: String) throws {
        guard unlink("\(directory)/source/\(name)") == 0 else { throw LabError("unlink \(name)") }
    }

    /// One NetworkPolicy in a file of its name.
    func policy(
        _ name: String = "policy", namespace: String = "default", selector: String = "{}",
        egress: String
    ) throws {
        try write("policy-\(name).yaml", Manifest.policy(name, namespace, selector: selector, egress: egress))
    }

    // MARK: Pods

    func network(_ label: String = "net") throws -> Network {
        if let network = networks[label] { return network }
        let network = try lab.network(label)
        networks[label] = network
        return network
    }

    /// A pod of the node, in a cgroup below kubepods, known to the agent by its manifest.
    func pod(
        _ name: String = "pod", namespace: String = "default", labels: String = "{}",
        _ addresses: String..., hostNetwork: Bool = false, extra: String = ""
    ) throws -> EnforcedPod {
        let pod = try stranger(name, namespace: namespace, on: network().host(name, addresses.map(address)))
        pod.addresses = addresses
        pod.manifest = Manifest.Pod(
            name, namespace, labels: labels, addresses, hostNetwork: hostNetwork, extra: extra)
        try introduce(pod)
        return pod
    }

    /// The same on a wire of its own: what leaves is captured.
    func wirePod(
        _ name: String = "pod", namespace: String = "default", labels: String = "{}",
        _ addresses: String..., hostNetwork: Bool = false, extra: String = ""
    ) throws -> EnforcedPod {
        let wire = try lab.wire("wire-\(name)")
        let addresses = addresses.isEmpty ? ["10.9.0.1", "fd09::1"] : addresses
        try wire.setAddresses(addresses.map(address))
        let pod = try stranger(name, namespace: namespace, on: wire.namespace)
        pod.wire = wire
        pod.addresses = addresses
        pod.manifest = Manifest.Pod(
            name, namespace, labels: labels, addresses, hostNetwork: hostNetwork, extra: extra)
        try introduce(pod)
        return pod
    }

    /// A pod's process in its cgroup, of which no manifest tells.
    func stranger(
        _ name: String, namespace: String = "default", on place: NetworkNamespace
    ) throws -> EnforcedPod {
        let cgroup = try lab.cgroup("kubepods/burstable/pod\(namespace)-\(name)")
        let container = try lab.cgroup("kubepods/burstable/pod\(namespace)-\(name)/container")
        let process = try lab.start(name, in: container, place)
        return EnforcedPod(process: process, cgroup: cgroup, place: place)
    }

    /// Tells the agent of the pod; ``settle()`` then waits for it.
    func introduce(_ pod: EnforcedPod) throws {
        guard let manifest = pod.manifest else { return }
        try write("pod-\(manifest.namespace)-\(manifest.name).yaml", manifest.text)
        if !pods.contains(where: { $0 === pod }) { pods.append(pod) }
    }

    /// Takes the pod's manifest away; its process stays.
    func withdraw(_ pod: EnforcedPod) throws {
        guard let manifest = pod.manifest else { return }
        try remove("pod-\(manifest.namespace)-\(manifest.name).yaml")
        pods.removeAll { $0 === pod }
    }

    /// A machine that is no pod.
    func server(_ name: String = "server", _ addresses: String...) throws -> PodProcess {
        try lab.start(name, in: lab.cgroup("servers/\(name)"), network().host(name, addresses.map(address)))
    }

    // MARK: The agent

    /// Starts the agent, and waits until it enforces what the directory says.
    func start() throws {
        try launch()
        try settle()
    }

    /// Starts the agent.
    ///
    /// - Parameter command: what to run, made of the words that start it.
    func launch(as command: ([String]) -> [String] = { $0 }) throws {
        runs += 1
        let words =
            [
                try Executables.path("sluiced"), "--config", "\(directory)/config.yaml",
                "--health-address", "", "--source", "\(directory)/source", "--node-name", "node",
                "--pods-cgroup", "\(lab.name)/kubepods", "--bpffs", pins.directory,
                "--state-dir", "\(directory)/state",
            ] + options
        agent = try lab.launch(
            command(words), in: lab.cgroup("agent"), agentNamespace(), output: "\(directory)/log-\(runs)")
    }

    private var namespaceOfAgent: NetworkNamespace?

    func agentNamespace() throws -> NetworkNamespace {
        if let namespaceOfAgent { return namespaceOfAgent }
        let namespace = try lab.namespace("agent")
        namespaceOfAgent = namespace
        return namespace
    }

    /// Ends it with SIGKILL.
    func killAgent() {
        agent?.kill()
        agent = nil
    }

    /// Waits until the kernel holds everything written before the call.
    ///
    /// A marker follows the manifests: an address block that is new, in place of the last one.
    /// When the kernel has the one and nothing of the other is left, it has all the rest.
    func settle() throws {
        let tables = try waitFor("tables") { try? KernelTables(pins: pins) }
        let last = marker
        marker.number += 1
        try write("zz-marker.yaml", marker.text)
        let settled: AddressClassID = try waitFor("marker \(marker.number)") {
            let found = try tables.addressClass(of: marker.address)
            return try found == tables.addressClass(of: Marker.neverUsed) ? nil : found
        }
        marker.addressClass = settled
        try waitUntil("departure of the last marker") {
            guard let rules = try? tables.tables().rules else { return false }
            return !rules.keys.contains { $0.addressClass == last.addressClass && last.number > 0 }
        }
        try waitUntil("pods") {
            pods.allSatisfy { (try? tables.pod(CgroupID(rawValue: $0.cgroup.id))) != nil }
        }
        try waitUntil("attachment") { isAttached }
    }

    private var isAttached: Bool {
        let links = "\(pins.directory)/links"
        guard let cgroups = try? FileManager.default.contentsOfDirectory(atPath: links) else { return false }
        return cgroups.contains {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(links)/\($0)").count) ?? 0)
                >= DatapathProgram.allCases.count
        }
    }
}

func address(_ text: String) -> IPAddress { Endpoint(text, 0).address }
