package import CSluice
import PolicyModel

/// A name as the maps have it: backwards, and then zero bytes.
package enum NameBytes {
    /// - Parameter name: in lower case, without a final dot; what is past 255 bytes is left out.
    package static func store(_ name: String, in key: inout sluice_name_key) {
        withUnsafeMutableBytes(of: &key.name) { bytes in
            for (index, byte) in name.utf8.reversed().prefix(bytes.count - 1).enumerated() {
                bytes[index] = byte
            }
        }
    }

    package static func text(_ key: sluice_name_key) -> String {
        withUnsafeBytes(of: key.name) { String(decoding: $0.prefix { $0 != 0 }.reversed(), as: UTF8.self) }
    }

    /// As bpf/src/queries.h hashes a question of class IN.
    package static func hash(_ name: String, type: UInt16) -> UInt64 {
        var hash = nameHash(name)
        for word in [type, 1] { hash.add(UInt64(word.bigEndian)) }
        return hash.value
    }

    /// As bpf/src/message.h hashes the name's wire form: FNV-1a over lengths and letters.
    package static func hash(_ name: String) -> UInt64 { nameHash(name).value }

    private static func nameHash(_ name: String) -> FNV1a {
        var hash = FNV1a()
        for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            hash.add(UInt64(label.count & 0xff))
            hash.add(label)
        }
        return hash
    }
}
