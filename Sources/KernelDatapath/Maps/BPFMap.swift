import CLibbpf
import CLibbpfShim
import Glibc
package import LinuxBase

/// A pinned map with typed keys and values.
package struct BPFMap<Codec: MapCodec>: ~Copyable, Sendable {
    package let descriptor: Descriptor
    package let info: MapInfo

    package init(pins: Pins, readOnly: Bool) throws(KernelError) {
        let descriptor = try Descriptor(map: Codec.map, of: pins, readOnly: readOnly)
        let info = try MapInfo(descriptor, Codec.map)
        guard info.keySize == MemoryLayout<Codec.RawKey>.size,
            info.valueSize == MemoryLayout<Codec.RawValue>.size
        else {
            throw KernelError(
                .reuse, "map \(Codec.map.rawValue)", code: EINVAL,
                context: [
                    "pinned: key \(info.keySize) bytes, value \(info.valueSize)",
                    "this build: key \(MemoryLayout<Codec.RawKey>.size) bytes, "
                        + "value \(MemoryLayout<Codec.RawValue>.size)",
                ])
        }
        self.descriptor = descriptor
        self.info = info
    }

    private var name: String { "map \(Codec.map.rawValue)" }

    /// The value that a program would find: in a trie, of the longest prefix.
    /// Nil too if the value is none that a codec wrote.
    package func lookup(_ key: Codec.Key) throws(KernelError) -> Codec.Value? {
        let (result, value): (Int32, Codec.Value?) = withUnsafePointer(to: Codec.encode(key: key)) {
            key in
            withUnsafeTemporaryAllocation(of: Codec.RawValue.self, capacity: 1) { value in
                let result = bpf_map_lookup_elem(descriptor.raw, key, value.baseAddress)
                return (result, result == 0 ? Codec.decode(value: value[0]) : nil)
            }
        }
        if -result == ENOENT { return nil }
        try KernelError.check(result, .read, name)
        return value
    }

    package func update(_ key: Codec.Key, _ value: Codec.Value) throws(KernelError) {
        let result = withUnsafePointer(to: Codec.encode(key: key)) { key in
            withUnsafePointer(to: Codec.encode(value: value)) { value in
                bpf_map_update_elem(descriptor.raw, key, value, UInt64(BPF_ANY))
            }
        }
        if result < 0 { throw updateError(-result) }
    }

    /// Writes in order, many by one call where the kernel can.
    ///
    /// - Parameter done: how many were written, also when it throws.
    package func update(
        _ entries: [(key: Codec.Key, value: Codec.Value)], done: inout Int
    ) throws(KernelError) {
        done = 0
        if entries.count > 1 {
            var options = bpf_map_batch_opts()
            options.sz = MemoryLayout<bpf_map_batch_opts>.size
            let keys = entries.map { Codec.encode(key: $0.key) }
            let values = entries.map { Codec.encode(value: $0.value) }
            var count = UInt32(entries.count)
            let result = keys.withUnsafeBufferPointer { keys in
                values.withUnsafeBufferPointer { values in
                    bpf_map_update_batch(
                        descriptor.raw, keys.baseAddress, values.baseAddress, &count, &options)
                }
            }
            if result == 0 {
                done = entries.count
                return
            }
            // On refusal the kernel counts what it wrote, but leaves the number
            // alone if it has no batches at all (EINVAL, or its own ENOTSUPP).
            if Int(count) < entries.count { done = Int(count) }
            if !lacksBatches(result) { throw updateError(-result) }
        }
        for entry in entries[done...] {
            try update(entry.key, entry.value)
            done += 1
        }
    }

    /// - Returns: whether it was there.
    @discardableResult
    package func remove(_ key: Codec.Key) throws(KernelError) -> Bool {
        try remove(raw: Codec.encode(key: key))
    }

    @discardableResult
    package func remove(raw key: Codec.RawKey) throws(KernelError) -> Bool {
        let result = withUnsafePointer(to: key) { bpf_map_delete_elem(descriptor.raw, $0) }
        if -result == ENOENT { return false }
        try KernelError.check(result, .remove, name)
        return true
    }

    /// - Throws: what the kernel would say to more entries than there is room for.
    func checkRoom(for count: Int) throws(KernelError) {
        guard count > Int(info.capacity) else { return }
        throw KernelError(
            .write, name, code: ENOSPC, context: ["\(name) has room for \(info.capacity) entries; \(count) are needed"])
    }

    private func updateError(_ code: Int32) -> KernelError {
        var error = KernelError(.write, name, code: code)
        if error.isForWantOfRoom { error.context = ["\(name) is full (\(info.capacity) entries)"] }
        return error
    }
}

/// Whether a batch call was refused because the kernel has none for this map;
/// 524 is its own ENOTSUPP, which has no name here.
func lacksBatches(_ result: Int32) -> Bool {
    -result == EINVAL || -result == EOPNOTSUPP || -result == 524
}
