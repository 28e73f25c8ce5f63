/// How one map's keys and values look in the kernel.
///
/// `RawKey` and `RawValue` are the structures of bpf/include/sluice.h. Byte
/// order is converted in codecs and nowhere else.
package protocol MapCodec {
    associatedtype Key: Hashable
    associatedtype Value
    associatedtype RawKey
    associatedtype RawValue

    static var map: DatapathMap { get }
    static func encode(key: Key) -> RawKey
    static func encode(value: Value) -> RawValue
    /// Nil if no codec wrote it.
    static func decode(key: RawKey) -> Key?
    static func decode(value: RawValue) -> Value?
}
