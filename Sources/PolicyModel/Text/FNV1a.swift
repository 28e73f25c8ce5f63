/// The 64-bit FNV-1a hash (draft-eastlake-fnv): the same in every process, and in the BPF programs
/// (bpf/src/dns_parse.h, bpf/src/dns_query.h).
package struct FNV1a: Hashable, Sendable {
    @usableFromInline package var value: UInt64 = 0xcbf2_9ce4_8422_2325

    @inlinable package init() {}

    /// - Parameter word: one byte, but where both sides of a map agree on more bits at a time.
    @inlinable package mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }

    @inlinable package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { add(UInt64(byte)) }
    }
}
