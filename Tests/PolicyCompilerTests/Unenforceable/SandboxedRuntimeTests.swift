import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct SandboxedRuntimeTests {
    private static let key = NamespacedName("shop", "web")

    private static func pod(_ runtimeClass: String?, labels: Labels = [:], workload: Workload? = nil) -> Pod {
        Pod(key: key, labels: labels, workload: workload, runtimeClass: runtimeClass)
    }

    private static func subject(_ pod: Pod, _ classes: [String: String] = [:]) throws -> LocalPod {
        var compiler = PolicyCompiler()
        let runtimes = classes.map { ClusterChange.set(.runtimeClass(RuntimeClass(name: $0, handler: $1))) }
        _ = compiler.update([.set(.pod(pod))] + runtimes)
        return try #require(compiler.subjects[key])
    }

    private static let runtimes: [(String, [String: String], Bool)] = [
        ("sandboxed", ["sandboxed": "runsc"], true), ("gvisor", ["gvisor": "runsc-kvm"], true),
        ("secure", ["secure": "kata-qemu"], true), ("kata", ["kata": "kata"], true),
        ("vm", ["vm": "aws.firecracker"], true), ("KATA-CLH", [:], true),
        // The handler counts and not the name, where it is known.
        ("gvisor", ["gvisor": "runc"], false), ("nvidia", ["nvidia": "nvidia"], false),
        ("katana", [:], false), ("crun", [:], false),
    ]

    @Test("E2: pods of runtimes that hide their packets are told from others", arguments: runtimes)
    func handlers(_ runtimeClass: String, _ classes: [String: String], _ isHidden: Bool) throws {
        let subject = try Self.subject(Self.pod(runtimeClass), classes)
        #expect((subject.unenforceable != nil) == isHidden, "\(subject.unenforceable ?? "enforced")")
        if isHidden { #expect(subject.unenforceable?.contains("runtimeClassName \(runtimeClass)") == true) }
    }

    @Test("E2: virtual machines of KubeVirt are told, and ordinary pods are not")
    func virtualMachines() throws {
        let owner = Workload(kind: "VirtualMachineInstance", name: "vm")
        #expect(try Self.subject(Self.pod(nil, labels: ["kubevirt.io": "virt-launcher"])).unenforceable != nil)
        #expect(try Self.subject(Self.pod(nil, workload: owner)).unenforceable != nil)
        #expect(try Self.subject(Self.pod(nil, labels: ["kubevirt.io": "virt-api"])).unenforceable == nil)
        #expect(try Self.subject(Self.pod(nil)).unenforceable == nil)
    }

    @Test("E2: only a RuntimeClass that leads to gVisor permits AF_PACKET, no name and no label does")
    func packetSockets() throws {
        #expect(try Self.subject(Self.pod("sandboxed"), ["sandboxed": "runsc"]).flags.contains(.anySocket))
        let others: [(String, [String: String])] = [
            ("runsc", [:]), ("gvisor", ["gvisor": "runc"]), ("kata", ["kata": "kata"]),
        ]
        for (name, classes) in others {
            #expect(try !Self.subject(Self.pod(name), classes).flags.contains(.anySocket), "\(name)")
        }
        let labels = ["kubevirt.io": "virt-launcher"]
        #expect(try !Self.subject(Self.pod(nil, labels: labels)).flags.contains(.anySocket))
    }

    @Test("E2: a RuntimeClass that comes, changes and goes is followed, and policies stay in force")
    func changes() throws {
        var compiler = PolicyCompiler()
        func reason() -> String? { compiler.subjects[Self.key]?.unenforceable }
        let policy = NetworkPolicy(
            key: NamespacedName("shop", "p"), podSelector: LabelSelector(), isolates: [.egress], rules: [])
        _ = compiler.update([.set(.pod(Self.pod("box"))), .set(.networkPolicy(policy))])
        #expect(reason() == nil)
        let change = compiler.update([.set(.runtimeClass(RuntimeClass(name: "box", handler: "runsc")))])
        #expect(change.subjects.keys.contains(Self.key) && reason()?.contains("gVisor") == true)
        #expect(compiler.subjects[Self.key]?.policies == [policy.key])
        #expect(compiler.subjects[Self.key]?.flags.contains(.isolated) == true)
        _ = compiler.update([.set(.runtimeClass(RuntimeClass(name: "box", handler: "kata-fc")))])
        #expect(reason()?.contains("Kata") == true)
        _ = compiler.update([.remove(ObjectReference(.runtimeClass, "", "box"))])
        #expect(reason() == nil)
    }

    private static let meshes: [(Labels, Labels, Bool, Bool)] = [
        (["istio.io/dataplane-mode": "ambient", "sluice.dev/fail-fast": "false"], [:], true, true),
        (["istio.io/dataplane-mode": "ambient"], [:], false, true),
        (["istio.io/dataplane-mode": "ambient"], [:], true, false),
        (["sluice.dev/fail-fast": "false"], [:], true, false),
        (["sluice.dev/fail-fast": "false"], ["istio.io/dataplane-mode": "ambient"], true, true),
        (["istio.io/dataplane-mode": "ambient"], ["istio.io/dataplane-mode": "none"], false, false),
    ]

    @Test("E3: pods in Istio's ambient mesh without the connect hook are not called enforced", arguments: meshes)
    func ambient(_ namespace: Labels, _ labels: Labels, _ failsFast: Bool, _ isHidden: Bool) throws {
        var options = CompilerOptions()
        options.failsFast = failsFast
        var compiler = PolicyCompiler(options: options)
        _ = compiler.update([
            .set(.namespace(Namespace(name: "shop", labels: namespace))), .set(.pod(Self.pod(nil, labels: labels))),
        ])
        #expect((compiler.subjects[Self.key]?.unenforceable != nil) == isHidden)
    }
}
