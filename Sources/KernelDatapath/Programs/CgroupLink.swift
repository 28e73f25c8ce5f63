import CLibbpf
import CLibbpfShim
import CSluice
import Glibc
import LinuxBase
import VerdictTables

/// One program's attachment to one cgroup: a bpf_link.
struct CgroupLink: ~Copyable {
    let descriptor: Descriptor

    /// The pinned link; nil if there is no pin.
    init?(pinnedAt path: String) throws(KernelError) {
        let raw = bpf_obj_get(path)
        if -raw == ENOENT { return nil }
        try KernelError.check(raw, .open, path)
        descriptor = Descriptor(owning: raw)
    }

    /// Attaches beside whatever else is attached there (links imply
    /// BPF_F_ALLOW_MULTI) and pins the link, if there is a path.
    init(
        attaching program: borrowing Descriptor, _ kind: DatapathProgram,
        to cgroup: borrowing Descriptor, pinnedAt path: String? = nil
    ) throws(KernelError) {
        try self.init(
            attaching: program.raw, as: kind.attachType, kind.rawValue, to: cgroup, pinnedAt: path)
    }

    /// - Parameters:
    ///   - program: a descriptor; its owner keeps it.
    ///   - name: the program's, for errors.
    ///   - path: where to pin it; nil if it is to end with this value.
    init(
        attaching program: Int32, as type: bpf_attach_type, _ name: String,
        to cgroup: borrowing Descriptor, pinnedAt path: String?
    ) throws(KernelError) {
        let raw = bpf_link_create(program, cgroup.raw, type, nil)
        try KernelError.check(raw, .attach, name)
        let descriptor = Descriptor(owning: raw)
        if let path { try KernelError.check(bpf_obj_pin(raw, path), .pin, path) }
        self.descriptor = descriptor
    }

    struct Info {
        var linkID: UInt32
        var programID: UInt32
        /// 0 once the cgroup is gone or the link was detached.
        var cgroup: CgroupID
        var attachType: UInt32
    }

    func info() throws(KernelError) -> Info {
        var info = bpf_link_info()
        var size = UInt32(MemoryLayout<bpf_link_info>.size)
        try KernelError.check(
            bpf_obj_get_info_by_fd(descriptor.raw, &info, &size), .query, "a link")
        return Info(
            linkID: info.id, programID: info.prog_id,
            cgroup: CgroupID(rawValue: info.cgroup.cgroup_id),
            attachType: info.cgroup.attach_type)
    }

    /// Swaps the program without a gap: bpf_link_update().
    func update(to program: borrowing Descriptor, _ kind: DatapathProgram) throws(KernelError) {
        try KernelError.check(
            bpf_link_update(descriptor.raw, program.raw, nil), .update, kind.rawValue)
    }
}

/// The kernel's number for a program: bpf_prog_info.id.
///
/// - Parameter program: a descriptor.
func programID(_ program: Int32, _ name: String) throws(KernelError) -> UInt32 {
    var info = bpf_prog_info()
    var size = UInt32(MemoryLayout<bpf_prog_info>.size)
    try KernelError.check(bpf_obj_get_info_by_fd(program, &info, &size), .query, name)
    return info.id
}

extension Descriptor {
    /// A pinned program: bpf_obj_get().
    init(program: DatapathProgram, of pins: Pins) throws(KernelError) {
        let path = pins.path(program)
        let raw = bpf_obj_get(path)
        try KernelError.check(raw, .open, path)
        self.init(owning: raw)
    }

    /// The kernel's number for the program.
    func programID(_ program: DatapathProgram) throws(KernelError) -> UInt32 {
        try KernelDatapath.programID(raw, program.rawValue)
    }
}
