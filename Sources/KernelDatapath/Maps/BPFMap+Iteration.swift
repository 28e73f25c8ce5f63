import CLibbpf
import CLibbpfShim
import Glibc
import LinuxBase

extension BPFMap {
    /// Every entry as it lies in the kernel. What others add or remove meanwhile
    /// may be missed; only one writer exists.
    package func forEachRaw(
        _ body: (Codec.RawKey, Codec.RawValue) -> Void
    ) throws(KernelError) {
        if try !forEachInBatches(body) { try forEachByKey(body) }
    }

    /// Every entry. Those that no codec wrote are handed to `unreadable`.
    package func forEach(
        unreadable: (Codec.RawKey) -> Void = { _ in },
        _ body: (Codec.Key, Codec.Value) -> Void
    ) throws(KernelError) {
        try forEachRaw { rawKey, rawValue in
            if let key = Codec.decode(key: rawKey), let value = Codec.decode(value: rawValue) {
                body(key, value)
            } else {
                unreadable(rawKey)
            }
        }
    }

    package func count() throws(KernelError) -> Int {
        var count = 0
        try forEachRaw { _, _ in count += 1 }
        return count
    }

    /// How many keys there are, without their values. While entries come and go it is about
    /// right, and never more than there is room for.
    package func countKeys() throws(KernelError) -> Int {
        var count = 0
        try descriptor.forEachKey(
            size: MemoryLayout<Codec.RawKey>.size, atMost: UInt64(info.capacity), object
        ) { _ in count += 1 }
        return count
    }

    package func isEmpty() throws(KernelError) -> Bool {
        var isEmpty = true
        try descriptor.forEachKey(size: MemoryLayout<Codec.RawKey>.size, atMost: 1, object) { _ in isEmpty = false }
        return isEmpty
    }

    private var object: String { "map \(Codec.map.rawValue)" }

    /// - Returns: false, before `body` was called, if the kernel has no batches here.
    private func forEachInBatches(
        _ body: (Codec.RawKey, Codec.RawValue) -> Void
    ) throws(KernelError) -> Bool {
        var room = 4096
        // The kernel's place: a key for tries, a bucket's number for hashes.
        let place = UnsafeMutableRawPointer.allocate(
            byteCount: max(MemoryLayout<Codec.RawKey>.size, 8), alignment: 8)
        defer { place.deallocate() }
        var options = bpf_map_batch_opts()
        options.sz = MemoryLayout<bpf_map_batch_opts>.size
        var begun = false
        while true {
            let keys = UnsafeMutablePointer<Codec.RawKey>.allocate(capacity: room)
            let values = UnsafeMutablePointer<Codec.RawValue>.allocate(capacity: room)
            defer {
                keys.deallocate()
                values.deallocate()
            }
            var count = UInt32(room)
            let result = bpf_map_lookup_batch(
                descriptor.raw, begun ? place : nil, place, keys, values, &count, &options)
            switch -result {
            case 0, ENOENT:
                for index in 0..<Int(count) { body(keys[index], values[index]) }
                if result != 0 { return true }
                begun = true
            case ENOSPC:
                // One bucket holds more than there is room for.
                room *= 2
            case _ where !begun && lacksBatches(result): return false
            default: throw KernelError(.read, object, code: result)
            }
        }
    }

    private func forEachByKey(
        _ body: (Codec.RawKey, Codec.RawValue) -> Void
    ) throws(KernelError) {
        let value = UnsafeMutablePointer<Codec.RawValue>.allocate(capacity: 1)
        defer { value.deallocate() }
        try descriptor.forEachKey(size: MemoryLayout<Codec.RawKey>.size, object) { key in
            guard bpf_map_lookup_elem(descriptor.raw, key, value) == 0 else { return }
            body(key.load(as: Codec.RawKey.self), value[0])
        }
    }
}
