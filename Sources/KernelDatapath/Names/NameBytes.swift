package import CSluice

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

    /// As bpf/src/dns_query.h hashes a question of class IN.
    package static func hash(_ name: String, type: UInt16) -> UInt64 {
        [type, 1].reduce(hash(name)) { ($0 ^ UInt64($1.bigEndian)) &* 0x100_0000_01b3 }
    }

    /// As bpf/src/dns_parse.h hashes the name's wire form: FNV-1a over lengths and letters.
    package static func hash(_ name: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func step(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            step(UInt8(truncatingIfNeeded: label.count))
            label.forEach(step)
        }
        return hash
    }
}
