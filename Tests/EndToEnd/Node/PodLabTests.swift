import PacketLab
import Testing

/// Pods are made as a node makes them.
extension EndToEnd {
    @Suite(.serialized) struct PodLabTests {
        @Test("Cgroups are named as kubelet names them", arguments: CgroupDriver.allCases)
        func names(driver: CgroupDriver) {
            let uid = "3f2a-77"
            let expected: [(QualityOfService, String, String)] = [
                (.guaranteed, "kubepods/pod3f2a-77", "kubepods.slice/kubepods-pod3f2a_77.slice"),
                (
                    .burstable, "kubepods/burstable/pod3f2a-77",
                    "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f2a_77.slice"
                ),
                (
                    .besteffort, "kubepods/besteffort/pod3f2a-77",
                    "kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod3f2a_77.slice"
                ),
            ]
            for (quality, cgroupfs, systemd) in expected {
                #expect(driver.pod(uid, quality) == (driver == .systemd ? systemd : cgroupfs))
            }
        }

        @Test(
            "A pod has its uid from the API, a cgroup of that name, and packets that arrive",
            arguments: CgroupDriver.allCases)
        func pod(driver: CgroupDriver) throws {
            let cluster = try Cluster.current
            let host = driver == .systemd ? 1 : 3
            let kubelet = try Kubelet(cluster, "node-of-\(driver)", driver: driver)
            let server = try kubelet.server("server-\(driver)", "10.9.8.\(host + 1)")
            try server.serveEcho(.tcp4, at: Endpoint("10.9.8.\(host + 1)", 80))
            let running = try kubelet.run(Pod("pod-\(driver)", "10.9.8.\(host)"))
            #expect(running.cgroup.path.contains(driver.pod(running.uid, .burstable)))
            #expect(try running.tcp(Endpoint("10.9.8.\(host + 1)", 80)) == .ok)
            let addresses = try cluster.controlPlane.kubectl(
                "get", "pod", "pod-\(driver)", "-o", "jsonpath={.status.podIPs[*].ip}")
            #expect(addresses == "10.9.8.\(host)")
            try kubelet.end(running)
            #expect(try cluster.controlPlane.run(["get", "pod", "pod-\(driver)"]).status != 0)
            server.kill()
        }
    }
}
