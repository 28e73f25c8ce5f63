import FoundationEssentials
import Glibc
import KernelDatapath
import PacketLab
import PolicyModel
import Testing

/// Programs of others on the pods' cgroup, or above it.
@Suite(.serialized) struct OtherProgramTests {
    /// Somebody else's programs, pinned below the node's own pins' directory.
    private struct Stranger {
        let node: EnforcedNode
        let pin: String
        let type: String

        /// Reads 10.96.0.10 as 10.9.0.4.
        private static let source = """
            #include <linux/bpf.h>
            #include <bpf/bpf_helpers.h>
            #include <bpf/bpf_endian.h>
            SEC("cgroup_skb/egress") int foreign_egress(struct __sk_buff *skb) { return 1; }
            SEC("cgroup/connect4") int foreign_connect(struct bpf_sock_addr *ctx)
            {
            	if (ctx->user_ip4 == bpf_htonl(0x0a60000a))
            		ctx->user_ip4 = bpf_htonl(0x0a090004);
            	return 1;
            }
            char LICENSE[] SEC("license") = "GPL";
            """

        init(_ node: EnforcedNode, _ program: String, type: String) throws {
            self.node = node
            self.type = type
            self.program = program
            pin = "/sys/fs/bpf/\(node.lab.name)-others"
            let source = "\(node.directory)/foreign.bpf.c"
            try Self.source.write(toFile: source, atomically: false, encoding: .utf8)
            try run(
                "${CLANG:-clang} -target bpf -O2 -g -idirafter /usr/include/$(uname -m)-linux-gnu -c \(source) -o \(source).o"
            )
            try run("mkdir -p \(pin) && bpftool prog loadall \(source).o \(pin)")
        }

        private let program: String

        func attach(to cgroup: String, _ flags: String = "") throws {
            try run("bpftool cgroup attach \(cgroup) \(type) pinned \(pin)/\(program) \(flags)")
        }

        func detach(from cgroup: String) throws {
            try run("bpftool cgroup detach \(cgroup) \(type) pinned \(pin)/\(program)")
        }

        func remove() { try? run("rm -r \(pin)") }

        private func run(_ command: String) throws {
            let output = "\(node.directory)/stranger"
            try "".write(toFile: output, atomically: false, encoding: .utf8)
            let shell = try node.lab.launch(
                ["bash", "-c", command + " && echo done"], in: node.lab.cgroup("stranger"), node.agentNamespace(),
                output: output)
            while !shell.hasEnded { usleep(1000) }
            let said = try String(contentsOfFile: output, encoding: .utf8)
            guard said.contains("done") else { throw LabError(command, said) }
        }
    }

    @Test("E4, E8: a program that keeps Sluice out is named, and nothing is called enforced")
    func keptOut() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[]")
        let kubepods = try node.lab.cgroup("kubepods").directory
        let above = String(kubepods.dropLast("/kubepods".count))
        let stranger = try Stranger(node, "foreign_egress", type: "egress")
        defer { stranger.remove() }
        try stranger.attach(to: kubepods)
        try node.launch()
        let line = try node.awaitLog("attachment", "cannot attach")
        #expect(!line.contains("needs root"))
        _ = try node.awaitLog("program foreign_egress (id ", "keeps others out")
        try node.waitUntil("status says so") {
            let status = try node.flat("status")
            return status.contains("DEGRADED") && status.contains("0 enforced, 1 not known to be enforced")
                && status.contains("foreign_egress")
        }
        #expect(try node.flat("pods").contains("unproven"))
        try node.waitUntil("policies say so") { try node.flat("policies", "-o", "json").contains("\"no\"") }
        #expect(
            try node.flat("explain", "default/pod", "--to", "10.9.0.4:53").contains(
                "the pod is not known to be enforced"))
        #expect(try pod.passes(.udp, "10.9.0.4", 53), "and so it is")

        try stranger.detach(from: kubepods)
        try node.waitUntil("all is well") { try node.flat("status").contains("HEALTHY") }
        #expect(try node.flat("pods").contains("enforced"))
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))

        // After Sluice, and above: nothing changes until the cgroup is made again.
        try stranger.attach(to: above)
        defer { try? stranger.detach(from: above) }
        _ = try node.awaitLog("other programs", "foreign_egress (id ", "once a cgroup below is made again")
        #expect(try !pod.passes(.udp, "10.9.0.4", 53))
        try node.waitUntil("status says so") { try node.flat("status").contains("Sluice is kept out of it") }
    }

    @Test("F5: where another program may translate service addresses, explain says so")
    func translators() throws {
        let node = try EnforcedNode()
        defer { node.close() }
        let pod = try node.wirePod()
        try node.policy(egress: "[\(Manifest.rule("10.96.0.0/16"))]")
        try node.write(
            "service.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: shop, namespace: default}
            spec: {clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10], ports: [{port: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: shop-1, namespace: default, labels: {kubernetes.io/service-name: shop}}
            addressType: IPv4
            endpoints: [{addresses: [10.9.0.4], conditions: {ready: true}}]
            ports: [{port: 80}]
            """)
        let kubepods = try node.lab.cgroup("kubepods").directory
        let stranger = try Stranger(node, "foreign_connect", type: "connect4")
        defer { stranger.remove() }
        try stranger.attach(to: kubepods, "multi")
        defer { try? stranger.detach(from: kubepods) }
        try node.start()
        _ = try node.awaitLog("foreign_connect (id ", "may translate service addresses")
        try node.waitUntil("status says so") {
            try node.flat("status").contains("foreign_connect")
        }
        #expect(try pod.tcp(Endpoint("10.96.0.10", 80)) == .notPermitted)
        let words = try node.flat("explain", "default/pod", "--to", "10.96.0.10:80")
        #expect(words.hasPrefix("ALLOW") && words.contains("foreign_connect (id "))
        #expect(try !node.flat("explain", "default/pod", "--to", "10.96.7.7:80").contains("foreign_connect"))
    }
}

extension EnforcedNode {
    /// What the tool prints, as one line: it wraps where it likes.
    fileprivate func flat(_ words: String...) throws -> String {
        try tool(words + ["--bpffs", pins.directory, "--state-dir", "\(directory)/state"])
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
