public import PolicyModel

/// A container runtime whose pods' packets belong to no socket of the pod: a kernel of the pod's own makes
/// them, and they reach the pod's interface by a device or by AF_PACKET, below what hooks on cgroups see.
public struct SandboxedRuntime: Hashable, Sendable {
    public var name: String
    /// How handlers are called: each by this, or by this and a hyphen with more behind.
    public var handlers: [String]
    /// Whether the runtime itself opens AF_PACKET in the pod's cgroup, and does not start without.
    public var opensPacketSockets: Bool

    /// Handlers are what a node's administrator calls them; these are the projects' own names.
    public static let known: [SandboxedRuntime] = [
        // gvisor.dev/docs/user_guide/containerd/quick_start; runsc/sandbox/network.go opens AF_PACKET.
        SandboxedRuntime(name: "gVisor", handlers: ["runsc", "gvisor"], opensPacketSockets: true),
        // kata-deploy's classes: kata-qemu, kata-clh, kata-fc, kata-dragonball, kata-remote, kata-cc.
        SandboxedRuntime(name: "Kata Containers", handlers: ["kata"], opensPacketSockets: false),
        // firecracker-containerd's runtime is aws.firecracker.
        SandboxedRuntime(
            name: "Firecracker", handlers: ["firecracker", "aws.firecracker"], opensPacketSockets: false),
        SandboxedRuntime(name: "Quark", handlers: ["quark"], opensPacketSockets: false),
        SandboxedRuntime(name: "urunc", handlers: ["urunc"], opensPacketSockets: false),
        SandboxedRuntime(name: "Edera", handlers: ["edera"], opensPacketSockets: false),
    ]

    static func named(_ handler: String) -> SandboxedRuntime? {
        let handler = handler.lowercased()
        return known.first { runtime in
            runtime.handlers.contains { handler == $0 || handler.hasPrefix("\($0)-") }
        }
    }

    /// Whether the pod's runtime has to be let open AF_PACKET.
    ///
    /// The author of a pod chooses its class, so the class's name says nothing. The handler is of an object
    /// that only the cluster's administrators write, and leads on a node to the runtime that these
    /// configured, or to none. Such a pod is past enforcement as it is: the permission adds nothing.
    ///
    /// - Parameter handler: as the RuntimeClass object says it; nil where none is known.
    static func needsPacketSockets(handler: String?) -> Bool {
        handler.flatMap(named)?.opensPacketSockets ?? false
    }

    /// Why the pod's packets meet no verdict; nil if they do. Nothing is left undone for it: a pod that only
    /// claims to be such is enforced all the same.
    ///
    /// - Parameters:
    ///   - pod: the pod.
    ///   - handler: as the RuntimeClass object says it; nil where none is known, and the class's name is the best
    ///     hint.
    public static func obstacle(to pod: Pod, handler: String?) -> String? {
        if pod.labels["kubevirt.io"] == "virt-launcher" || pod.workload?.kind == "VirtualMachineInstance" {
            return "KubeVirt: a virtual machine's packets belong to no socket of the pod"
        }
        guard let runtimeClass = pod.runtimeClass, let runtime = named(handler ?? runtimeClass) else { return nil }
        let handler = handler.map { " (handler \($0))" } ?? ""
        return "\(runtime.name), runtimeClassName \(runtimeClass)\(handler): its packets belong to no socket of the pod"
    }
}
