import CLibbpf
import Glibc
import LinuxBase

/// Has names count for as long as a flow that they let pass is open: bpf/src/flows.bpf.c, which
/// looks at every socket that remembers a verdict.
///
/// Without it, where the kernel has no BTF, names count from the last packet of a flow that ends.
public final class OpenFlows: Sendable {
    private static let program = "sluice_open_flows"

    private let link: Descriptor

    /// - Parameter pins: with the datapath's maps in place.
    public init(pins: Pins = Pins()) throws(KernelError) {
        let verdicts = try Descriptor(map: .verdicts, of: pins, readOnly: false)
        link = try LibbpfLog.explaining { () throws(KernelError) in
            let object = try EmbeddedObject.openFlows()
            // The link holds the program, and that its maps.
            defer { bpf_object__close(object) }
            for map in [DatapathMap.verdicts, .learned, .heard] {
                let pinned = try Descriptor(map: map, of: pins, readOnly: false)
                let handle = bpf_object__find_map_by_name(object, map.rawValue)
                try KernelError.check(bpf_map__reuse_fd(handle, pinned.raw), .reuse, "map \(map.rawValue)")
            }
            try KernelError.check(bpf_object__load(object), .load, "program \(Self.program)")
            let program = bpf_program__fd(bpf_object__find_program_by_name(object, Self.program))
            return try Self.link(program, to: verdicts)
        }
    }

    private static func link(_ program: Int32, to map: borrowing Descriptor) throws(KernelError) -> Descriptor {
        var target = bpf_iter_link_info()
        target.map.map_fd = UInt32(map.raw)
        let raw = withUnsafeMutablePointer(to: &target) { target in
            var options = bpf_link_create_opts()
            options.sz = MemoryLayout<bpf_link_create_opts>.size
            options.iter_info = target
            options.iter_info_len = UInt32(MemoryLayout<bpf_iter_link_info>.size)
            return bpf_link_create(program, 0, BPF_TRACE_ITER, &options)
        }
        try KernelError.check(raw, .attach, Self.program)
        return Descriptor(owning: raw)
    }

    /// Goes through all flows that are open now.
    public func renewNames() throws(KernelError) {
        let raw = bpf_iter_create(link.raw)
        try KernelError.check(raw, .create, Self.program)
        let walk = Descriptor(owning: raw)
        var byte: UInt8 = 0
        // It prints nothing, and ends with the last socket; EAGAIN asks for another turn.
        while true {
            let count = read(walk.raw, &byte, 1)
            if count == 0 { return }
            if count < 0, errno != EAGAIN, errno != EINTR {
                try KernelError.checkErrno(-1, .read, Self.program)
            }
        }
    }
}
