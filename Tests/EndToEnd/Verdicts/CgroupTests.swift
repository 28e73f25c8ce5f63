import PacketLab
import Testing

/// A pod and its cgroup come and go in any order.
extension EndToEnd {
    @Suite(.serialized) struct CgroupTests {
        @Test("A cgroup that was there before the pod was known")
        func cgroupFirst() throws {
            let scene = try VerdictScene("cgroup-first")
            defer { scene.node.close() }
            try scene.policy(egress: "[]")
            try scene.node.settle()
            // The uid comes from the API: the object exists first, but not on a node, so the agent
            // learns of the pod when it is bound.
            let pod = Pod("pod", in: scene.name, scene.address(1))
            var elsewhere = pod
            elsewhere.node = "''"
            let uid = try scene.kubelet.create(elsewhere)
            let running = try scene.kubelet.start(pod, uid: uid, onWire: true)
            try scene.node.settle()
            try scene.expect(running, reaches: [scene.endpoint(9)])
            try scene.controlPlane.bind(pod, to: scene.kubelet.nodeName)
            try scene.kubelet.report(pod, "Running")
            try scene.expect(running, not: [scene.endpoint(9)])
        }

        @Test("A pod that was known before its cgroup was there")
        func podFirst() throws {
            let scene = try VerdictScene("pod-first")
            defer { scene.node.close() }
            try scene.policy(egress: "[]")
            let pod = Pod("pod", in: scene.name, scene.address(1))
            let uid = try scene.kubelet.create(pod)
            try scene.node.settle()
            let running = try scene.kubelet.start(pod, uid: uid, onWire: true)
            try scene.expect(running, not: [scene.endpoint(9)])
        }

        @Test("A pod of the same name and another uid")
        func recreated() throws {
            let scene = try VerdictScene("recreated")
            defer { scene.node.close() }
            try scene.policy(selector: "{matchLabels: {app: locked}}", egress: "[]")
            let first = try scene.pod("pod", labels: "{app: locked}", host: 1)
            try scene.expect(first, not: [scene.endpoint(9)])
            try scene.kubelet.end(first)
            let second = try scene.pod("pod", labels: "{app: open}", host: 1)
            try scene.expect(second, reaches: [scene.endpoint(9)])
            try scene.kubelet.end(second)
            let third = try scene.pod("pod", labels: "{app: locked}", host: 1)
            try scene.expect(third, not: [scene.endpoint(9)])
        }

        @Test("A static pod, whose cgroup bears the hash of its manifest", arguments: CgroupDriver.allCases)
        func staticPod(driver: CgroupDriver) throws {
            let scene = try VerdictScene("static-\(driver)", driver: driver)
            defer { scene.node.close() }
            try scene.policy(egress: "[]")
            let hash = "5d41402abc4b2a76b9719d911017c592"
            let pod = try scene.kubelet.mirror(Pod("static", in: scene.name, scene.address(1)), of: hash)
            let uid = try scene.kubelet.create(pod)
            let running = try scene.kubelet.start(pod, uid: uid, cgroupUID: hash, .besteffort, onWire: true)
            try scene.kubelet.report(pod, "Running")
            try scene.expect(running, not: [scene.endpoint(9)])
        }

        @Test("Nothing of a pod that is gone is left behind, whichever goes first")
        func gone() throws {
            let scene = try VerdictScene("gone")
            defer { scene.node.close() }
            try scene.policy(egress: "[]")
            let first = try scene.pod("cgroup-first", host: 1)
            let second = try scene.pod("object-first", host: 2)
            try scene.expect(first, not: [scene.endpoint(9)])
            try scene.expect(second, not: [scene.endpoint(9)])
            first.process.kill()
            try first.cgroup.remove()
            try scene.node.settle()
            try scene.kubelet.end(second)
            try scene.controlPlane.kubectl(
                "delete", "pod", "cgroup-first", "-n", scene.name, "--grace-period=0", "--force")
            try scene.node.waitUntil("the kernel knows neither") {
                try [first, second].allSatisfy { try !scene.node.knows($0) }
            }
        }
    }
}
