import PolicyModel

/// `__u8 address[16]` as Swift imports it.
package typealias AddressBytes = (
    UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
    UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
)

extension IPAddress {
    /// Writes the 16 bytes in network order.
    func store(in bytes: inout AddressBytes) {
        withUnsafeMutableBytes(of: &bytes) {
            $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }

    init(_ bytes: AddressBytes) {
        self = withUnsafeBytes(of: bytes) {
            IPAddress(
                high: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// Nil where all bytes are zero: the field is empty.
    init?(ifPresent bytes: AddressBytes) {
        self.init(bytes)
        if high == 0 && low == 0 { return nil }
    }
}
