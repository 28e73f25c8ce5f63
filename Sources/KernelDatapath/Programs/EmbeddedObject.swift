import CLibbpf
import CSluiceObject
import Glibc
import LinuxBase

/// The objects inside the executable, opened by libbpf and not yet loaded.
enum EmbeddedObject {
    /// bpf/sluice.bpf.o. - Returns: to be closed by `bpf_object__close`.
    static func openDatapath() throws(KernelError) -> OpaquePointer {
        try open("sluice", sluice_object_bytes)
    }

    /// bpf/lsm.bpf.o. - Returns: to be closed by `bpf_object__close`.
    static func openSocketGuard() throws(KernelError) -> OpaquePointer {
        try open("sluice_lsm", sluice_lsm_object_bytes)
    }

    /// bpf/flows.bpf.o. - Returns: to be closed by `bpf_object__close`.
    static func openFlows() throws(KernelError) -> OpaquePointer {
        try open("sluice_flows", sluice_flows_object_bytes)
    }

    private static func open(
        _ title: String, _ contents: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
    ) throws(KernelError) -> OpaquePointer {
        var size = 0
        let bytes = contents(&size)
        let name = strdup(title)
        defer { free(name) }
        var options = bpf_object_open_opts()
        // Up to the last field, see Descriptor.init(map:).
        options.sz =
            MemoryLayout<bpf_object_open_opts>.offset(of: \.kernel_log_level).map { $0 + 4 } ?? 0
        options.object_name = UnsafePointer(name)
        guard let object = bpf_object__open_mem(bytes, size, &options) else {
            throw KernelError(.open, "the embedded eBPF object", code: errno)
        }
        return object
    }
}
