import FoundationEssentials

/// Standard base64 with padding (RFC 4648, section 4), as Go's `[]byte` fields
/// have it in JSON and YAML.
package enum Base64 {
    /// - Returns: Nil unless the text is base64 throughout. Line breaks are
    ///   passed over, as Go's decoder does.
    package static func decode(_ text: String) -> [UInt8]? {
        let characters = text.utf8.filter { $0 != 0x0a && $0 != 0x0d }
        // Foundation takes padding in the middle too, and more of it than fills a group of four.
        let padding = characters.drop { $0 != UInt8(ascii: "=") }
        guard characters.count.isMultiple(of: 4), padding.count <= 2,
            padding.allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        return Data(base64Encoded: Data(characters)).map(Array.init)
    }
}
