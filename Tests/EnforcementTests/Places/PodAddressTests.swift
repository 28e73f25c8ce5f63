import Agent
import PacketLab
import PolicyModel
import Testing

/// Seen from the switch's namespace, which holds the other ends of pods' interfaces as a host does.
@Suite struct PodAddressTests {
    let lab: Lab
    let network: Network
    let host: NetworkNamespace
    let reader: PodAddressReader

    init() throws {
        lab = try Lab()
        network = try lab.network()
        host = network.hub
        reader = PodAddressReader(cgroupRoot: lab.cgroupRoot)
    }

    private func pod(_ name: String, _ addresses: String...) throws -> (place: NetworkNamespace, path: String) {
        (try network.host(name, addresses.map(address)), "\(lab.name)/kubepods/pod\(name)")
    }

    private func container(_ name: String, of pod: String, in place: NetworkNamespace) throws -> PodProcess {
        try lab.start(name, in: lab.cgroup("kubepods/pod\(pod)/\(name)"), place)
    }

    private func read(_ path: String) -> PodAddressReader.Finding {
        host.enter { reader.finding(ofPodAt: path) }
    }

    @Test("A4: secondary interfaces and IPv6's own addresses are the pod's own, a container's namespace is not")
    func sandbox() throws {
        defer { lab.close() }
        let pod = try pod("a", "10.9.0.1", "fd09::1")
        try pod.place.configure(
            "link add net1 type veth peer name net1 netns \(host.name)", "addr add 192.168.7.9/24 dev net1",
            "link set net1 up",
            "addr add fe80::77/64 dev eth0", "route add local 198.18.0.0/15 dev lo")
        #expect(read(pod.path) == .init())
        let pause = try container("zz-pause", of: "a", in: pod.place)
        let app = try container("app", of: "a", in: pod.place)
        let own = ["10.9.0.1", "fd09::1", "192.168.7.9", "fe80::77"].map(address)
        #expect(read(pod.path).addresses.isSuperset(of: own))
        // Besides, link-local ones that interfaces gave themselves.
        #expect(read(pod.path).addresses.subtracting(own).allSatisfy { $0.description.hasPrefix("fe80::") })

        let forged = try lab.childNamespace("forged", of: pod.place, "8.8.8.8")
        let nested = try lab.start("nested", in: lab.cgroup("kubepods/poda/app/nested"), forged)
        #expect(!read(pod.path).addresses.contains(address("8.8.8.8")))
        // Also where no sandbox is left to tell the namespace.
        pause.kill()
        app.kill()
        try lab.cgroup("kubepods/poda/zz-pause").remove()
        #expect(read(pod.path) == .init())
        nested.kill()
    }

    @Test("A4: more addresses than a pod may have are counted")
    func many() throws {
        defer { lab.close() }
        let pod = try pod("b")
        let pause = try container("pause", of: "b", in: pod.place)
        try network.add((1...70).map { address("10.9.1.\($0)") }, to: pod.place)
        let finding = read(pod.path)
        #expect(finding.addresses.count == PodAddressReader.most && finding.omitted >= 6)
        pause.kill()
    }

    @Test("A4: a pod on the agent's own network has that one's addresses")
    func hostNetwork() throws {
        defer { lab.close() }
        try host.configure("addr add 10.9.2.1/32 dev lo")
        let pause = try container("pause", of: "c", in: host)
        #expect(read("\(lab.name)/kubepods/podc").addresses == [address("10.9.2.1")])
        pause.kill()
    }
}
