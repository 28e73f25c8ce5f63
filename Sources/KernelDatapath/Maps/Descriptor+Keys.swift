import CLibbpf
import Glibc
import LinuxBase

extension Descriptor {
    /// Calls the body with each key of a map, which is the body's until it returns: bpf_map_get_next_key().
    /// What others add or remove meanwhile may be missed.
    ///
    /// - Parameters:
    ///   - size: of a key, in bytes.
    ///   - limit: no more keys than these. After a key that is gone the kernel begins again, so that
    ///     there may be many where others remove some all the time.
    ///   - name: the map's, for errors.
    func forEachKey(
        size: Int, atMost limit: UInt64 = .max, _ name: String,
        _ body: (UnsafeMutableRawPointer) throws(KernelError) -> Void
    ) throws(KernelError) {
        let key = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        let next = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer {
            key.deallocate()
            next.deallocate()
        }
        var count: UInt64 = 0
        var result = bpf_map_get_next_key(raw, nil, next)
        while result == 0, count < limit {
            count += 1
            key.copyMemory(from: next, byteCount: size)
            try body(key)
            result = bpf_map_get_next_key(raw, key, next)
        }
        if result != 0, -result != ENOENT { throw KernelError(.read, name, code: result) }
    }
}
