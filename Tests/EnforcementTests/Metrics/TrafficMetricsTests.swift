import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// What real packets do to the metrics.
@Suite(.serialized) struct TrafficMetricsTests {
    private func name(
        _ metric: String, _ verdict: String, namespace: String = "default", pod: String? = nil
    ) -> String {
        let pod = pod.map { "pod=\"\($0)\"," } ?? ""
        return "sluice_\(metric)_total{namespace=\"\(namespace)\",\(pod)verdict=\"\(verdict)\"}"
    }

    /// Sends so many datagrams of one byte, 29 bytes with their headers, from a new socket.
    private func send(_ count: Int, from pod: EnforcedPod, to address: String) throws {
        let socket = try pod.process.open(.udp4)
        for _ in 0..<count {
            _ = try pod.process.run(.sendTo(socket, Endpoint(address, 53), bytes: [1], fastOpen: false))
        }
    }

    @Test("Packets, bytes and flows are told as they were sent, by namespace and by pod")
    func counts() throws {
        let node = try EnforcedNode.measured(config: "metrics: {perPod: true}")
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        let before = try node.metrics()
        try send(10, from: pod, to: Scene.open[0])
        try send(7, from: pod, to: Scene.denied[0])
        let after = try node.metrics()
        func growth(_ name: String) -> Double? { after[name].map { $0 - (before[name] ?? .nan) } }
        for pod in [nil, "pod"] {
            let prefix = pod == nil ? "" : "pod_"
            #expect(growth(name("\(prefix)packets", "allowed", pod: pod)) == 10)
            #expect(growth(name("\(prefix)bytes", "allowed", pod: pod)) == 290)
            #expect(growth(name("\(prefix)flows", "allowed", pod: pod)) == 1)
            #expect(growth(name("\(prefix)packets", "denied", pod: pod)) == 7)
            #expect(growth(name("\(prefix)bytes", "denied", pod: pod)) == 203)
            // What is denied is judged again each time, so that a datagram socket may begin many flows.
            #expect((1...7).contains(growth(name("\(prefix)flows", "denied", pod: pod)) ?? 0))
            #expect(growth(name("\(prefix)packets", "audit", pod: pod)) == 0)
        }
        #expect(
            try node.metrics(as: "application/openmetrics-text")[name("packets", "denied")]
                == after[name("packets", "denied")])
        #expect(after["sluice_pods{state=\"enforced\"}"] == 1)
        #expect(after["sluice_attachments_live"] == 8 && after["sluice_attachments_expected"] == 8)
    }

    @Test("Without perPod no pod is named")
    func perNamespace() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        _ = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        #expect(try !node.metrics().keys.contains { $0.contains("pod=") })
    }

    @Test("A namespace's sum does not fall when a pod leaves or the agent is killed, and goes with the last pod")
    func departures() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        let first = try node.wirePod("first", namespace: "shop", "10.9.0.1")
        let second = try node.wirePod("second", namespace: "shop", "10.9.0.2")
        try node.policy(namespace: "shop", egress: "[]")
        try node.start()
        let denied = name("packets", "denied", namespace: "shop")
        let begin = try #require(try node.metrics()[denied])
        try send(5, from: first, to: "10.9.0.9")
        try send(3, from: second, to: "10.9.0.9")
        // Nobody has asked since: what leaves is counted all the same.
        try node.end(first)
        try node.awaitMetric("sluice_pods{state=\"enforced\"}", 1)
        #expect(try node.metrics()[denied] == begin + 8)
        // Written to the file before an agent is killed, as it is after each change.
        try node.waitUntil("the file") {
            try node.shell("cat \(node.directory)/state/past-traffic.json").contains("shop")
        }
        node.killAgent()
        try send(2, from: second, to: "10.9.0.9")
        try node.start()
        try node.awaitMetric(denied, begin + 10)
        try node.end(second)
        try node.awaitMetric(denied, nil)
    }

    @Test("A pod that leaves while no agent runs takes nothing away")
    func departureUnseen() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        let first = try node.wirePod("first", namespace: "shop", "10.9.0.1")
        let second = try node.wirePod("second", namespace: "shop", "10.9.0.2")
        try node.policy(namespace: "shop", egress: "[]")
        try node.start()
        let denied = name("packets", "denied", namespace: "shop")
        try send(5, from: first, to: "10.9.0.9")
        try send(3, from: second, to: "10.9.0.9")
        let last = try #require(try node.metrics()[denied])
        // The next agent knows by them whose the entry was.
        try node.waitUntil("snapshot and file") {
            try node.shell("cat \(node.directory)/state/{state,past-traffic}.json").contains("first")
                && node.shell("ls \(node.directory)/state").contains("past-traffic.json")
        }
        node.killAgent()
        try node.end(first)
        try node.start()
        try node.awaitMetric("sluice_pods{state=\"enforced\"}", 1)
        #expect(try node.metrics()[denied] == last)
    }

    @Test("Who asks for credentials is told by the guard's name, and what is denied by what it is")
    func guards() throws {
        let node = try EnforcedNode.measured([])
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        #expect(try pod.tcp(Endpoint("169.254.169.254", 80)) == .notPermitted)
        try node.awaitMetric("sluice_guard_hits_total{guard=\"imds\",namespace=\"default\",verdict=\"denied\"}", 1)
        try node.awaitMetric(
            "sluice_denied_destinations_total{kind=\"metadata\",namespace=\"default\",verdict=\"denied\"}", 1)
        #expect(try pod.tcp(Endpoint(Scene.denied[0], 80)) == .notPermitted)
        try node.awaitMetric(
            "sluice_denied_destinations_total{kind=\"external\",namespace=\"default\",verdict=\"denied\"}", 1)
    }

    @Test("What stands in the way of enforcement is told")
    func trouble() throws {
        let node = try EnforcedNode.measured()
        defer { node.close() }
        _ = try node.wirePod()
        try node.policy(egress: Scene.egress)
        try node.start()
        try node.awaitMetric("sluice_problems{severity=\"error\"}", 0)
        try node.write("broken.yaml", "kind: NetworkPolicy\nspec: {podSelector: 7}\n")
        try node.waitUntil("the problem") { try node.metrics()["sluice_problems{severity=\"error\"}"] ?? 0 > 0 }
        let changes = try #require(try node.metrics()["sluice_attachment_changes_total"])
        let links = "\(node.pins.directory)/links"
        _ = try node.shell("rm \(links)/*/sluice_connect4")
        try node.waitUntil("the attachment is made again") {
            let metrics = try node.metrics()
            return metrics["sluice_attachment_changes_total"] ?? 0 > changes && metrics["sluice_attachments_live"] == 8
        }
    }
}
