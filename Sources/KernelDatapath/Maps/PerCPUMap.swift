import CLibbpf
import CLibbpfShim
import Glibc
package import LinuxBase

/// A pinned per-CPU array.
package struct PerCPUMap<RawValue>: ~Copyable, Sendable {
    package let descriptor: Descriptor
    package let info: MapInfo
    private let map: DatapathMap
    private let cpus: Int
    /// The kernel aligns each CPU's value to 8 bytes.
    private let stride = (MemoryLayout<RawValue>.size + 7) & ~7

    package init(_ map: DatapathMap, pins: Pins, readOnly: Bool) throws(KernelError) {
        let descriptor = try Descriptor(map: map, of: pins, readOnly: readOnly)
        let info = try MapInfo(descriptor, map)
        guard info.keySize == 4, info.valueSize == MemoryLayout<RawValue>.size else {
            throw KernelError(.reuse, "map \(map.rawValue)", code: EINVAL)
        }
        let cpus = libbpf_num_possible_cpus()
        try KernelError.check(cpus, .query, "the number of CPUs")
        self.descriptor = descriptor
        self.info = info
        self.map = map
        self.cpus = Int(cpus)
    }

    /// Each possible CPU's value.
    package func lookup(_ index: UInt32) throws(KernelError) -> [RawValue] {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * cpus, alignment: 8)
        defer { bytes.deallocate() }
        var index = index
        try KernelError.check(
            bpf_map_lookup_elem(descriptor.raw, &index, bytes.baseAddress), .read,
            "map \(map.rawValue)")
        return (0..<cpus).map { cpu in
            (bytes.baseAddress! + cpu * stride).assumingMemoryBound(to: RawValue.self).pointee
        }
    }

    /// Sets each CPU's value to zero.
    package func clear(_ index: UInt32) throws(KernelError) {
        let zeros = [UInt64](repeating: 0, count: stride * cpus / 8)
        var index = index
        try KernelError.check(
            bpf_map_update_elem(descriptor.raw, &index, zeros, UInt64(BPF_ANY)), .write,
            "map \(map.rawValue)")
    }
}

extension PerCPUMap<UInt64> {
    /// A counter, over all CPUs.
    package func total(_ index: UInt32) throws(KernelError) -> UInt64 { try lookup(index).reduce(0, &+) }
}
