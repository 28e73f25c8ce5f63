import CLibbpf
import CLibbpfShim
import CSluice
package import LinuxBase

/// What the kernel says of a map: bpf_map_info.
package struct MapInfo: Hashable, Sendable {
    package var id: UInt32
    package var type: UInt32
    package var keySize: UInt32
    package var valueSize: UInt32
    package var capacity: UInt32
    package var flags: UInt32
    package var btfID: UInt32
    package var btfKeyType: UInt32
    package var btfValueType: UInt32

    package init(_ descriptor: borrowing Descriptor, _ map: DatapathMap) throws(KernelError) {
        var info = bpf_map_info()
        var size = UInt32(MemoryLayout<bpf_map_info>.size)
        try KernelError.check(
            bpf_obj_get_info_by_fd(descriptor.raw, &info, &size), .query, "map \(map.rawValue)")
        id = info.id
        type = info.type
        keySize = info.key_size
        valueSize = info.value_size
        capacity = info.max_entries
        flags = info.map_flags
        btfID = info.btf_id
        btfKeyType = info.btf_key_type_id
        btfValueType = info.btf_value_type_id
    }
}

extension Descriptor {
    /// A pinned map: bpf_obj_get_opts().
    package init(map: DatapathMap, of pins: Pins, readOnly: Bool) throws(KernelError) {
        var options = bpf_obj_get_opts()
        // Up to the last field: libbpf refuses what is not zero after it, and
        // Swift leaves a structure's padding as it finds it.
        options.sz = MemoryLayout<bpf_obj_get_opts>.offset(of: \.file_flags).map { $0 + 4 } ?? 0
        options.file_flags = readOnly ? UInt32(BPF_F_RDONLY) : 0
        let path = pins.path(map)
        let raw = bpf_obj_get_opts(path, &options)
        try KernelError.check(raw, .open, path)
        self.init(owning: raw)
    }
}
